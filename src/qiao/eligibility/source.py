"""YAML as it is written: every mapping knows its lines, every number stays text, a key may stand only once.

Numbers stay text because ``01`` is an industry and 2.5 % is not a float. Only yes/no and null are read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from .problems import PackError, Place

LONGEST_FILE = 2_000_000  # characters
_INDENT = re.compile(r"^[ \-?:]+", re.MULTILINE)


class Map(dict[str, Any]):
    """A mapping that knows where each key stands."""

    def __init__(self, file: Path, line: int) -> None:
        super().__init__()
        self.file, self.line = file, line
        self.lines: dict[str, int] = {}

    def at(self, key: str | None = None) -> Place:
        """Where ``key`` stands, or the mapping itself."""
        return Place(self.file, self.lines.get(key, self.line) if key is not None else self.line)


class _Plain(yaml.SafeLoader):
    file: Path


# libyaml's parser reads several times as fast; PyYAML comes without it on some machines.
class _Quick(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    file: Path


_Loader = _Plain | _Quick


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Map:
    found = Map(loader.file, node.start_mark.line + 1)
    for key_node, value_node in node.value:
        key, line = key_node.value, key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise Place(loader.file, line).error("bad_key", "键必须是文字", "a key must be text")
        if key in found:
            raise Place(loader.file, line).error(
                "duplicate_key", f"“{key}”出现了两次，请保留一个", f"“{key}” stands here twice; keep one"
            )
        found.lines[key] = line
        found[key] = loader.construct_object(value_node, deep=True)
    return found


# Only booleans and null are understood; everything else is text.
_READ = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")
for _kind in (_Plain, _Quick):
    _kind.yaml_implicit_resolvers = {
        first: kept
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        if (kept := [(tag, rx) for tag, rx in resolvers if tag in _READ])
    }
    _kind.add_constructor("tag:yaml.org,2002:map", _mapping)


def _loader(text: str) -> type[_Loader]:
    """libyaml goes down into what is nested without a limit: what could be nested deeply is read by the other one."""
    flows = text.count("[") + text.count("{")
    deepest = max((len(m[0]) for m in _INDENT.finditer(text)), default=0)
    return _Quick if flows <= 2000 and deepest <= 1000 else _Plain


def read(path: Path, text: str | None = None) -> Map:
    """The mapping in a YAML file (or in ``text``, named ``path``). Raises `PackError` with the line."""
    try:
        text = path.read_text("utf-8") if text is None else text
    except (OSError, UnicodeDecodeError) as broken:
        raise Place(path, 1).error(
            "unreadable", f"无法读取：{broken}", f"cannot be read: {broken}"
        ) from broken
    if len(text) > LONGEST_FILE:
        raise Place(path, 1).error("too_long", "文件过大", "the file is too long")
    loader = None
    try:
        loader = _loader(text)(text)
        loader.file = path
        found = loader.get_single_data()
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = " ".join((getattr(broken, "problem", None) or str(broken)).split())
        raise Place(path, line).error(
            "bad_yaml", f"YAML 格式有误：{what}", f"not valid YAML: {what}"
        ) from broken
    except RecursionError as deep:
        raise Place(path, 1).error("too_deep", "嵌套过深", "nested too deeply") from deep
    finally:
        if loader:
            loader.dispose()
    if not isinstance(found, Map):
        raise Place(path, 1).error(
            "not_a_mapping", "文件应是一组“键: 值”", "the file should be a mapping of keys"
        )
    return found


__all__ = ["Map", "PackError", "read"]
