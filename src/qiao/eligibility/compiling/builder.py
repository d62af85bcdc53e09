"""Nodes, numbered, each distinct one once."""

from __future__ import annotations

from collections.abc import Iterable

from qiao.eligibility import nodes as n


class Builder:
    """Numbers nodes, each distinct one once."""

    def __init__(self) -> None:
        self.nodes: list[n.Node] = []
        self._known: dict[n.Node, int] = {}
        self._guarded: set[int] = set()

    def add(self, node: n.Node) -> int:
        known = self._known.get(node)
        if known is None:
            known = self._known[node] = len(self.nodes)
            self.nodes.append(node)
            guards = isinstance(node, n.Inequality | n.Equality) and node.guards
            if guards or any(c in self._guarded for c in n.children(node)):
                self._guarded.add(known)
        return known

    def guarded(self, node: int) -> bool:
        """Whether a ratio is compared somewhere below: such a test may not be negated."""
        return node in self._guarded

    def const(self, truth: int) -> int:
        return self.add(n.Const(truth))

    def _joined(self, parts: Iterable[int], kind: type[n.And] | type[n.Or], zero: int, one: int) -> int:
        """Flattened, sorted, without repetitions and constants: so that equal conditions become one node."""
        found: set[int] = set()
        for part in parts:
            node = self.nodes[part]
            if isinstance(node, kind):
                found.update(node.parts)
            elif node == n.Const(zero):
                return part
            elif node != n.Const(one):
                found.add(part)
        if not found:
            return self.const(one)
        return next(iter(found)) if len(found) == 1 else self.add(kind(tuple(sorted(found))))

    def all(self, parts: Iterable[int]) -> int:
        return self._joined(parts, n.And, 0, 2)

    def any(self, parts: Iterable[int]) -> int:
        return self._joined(parts, n.Or, 2, 0)

    def negate(self, part: int) -> int:
        node = self.nodes[part]
        if isinstance(node, n.Const):
            return self.const(2 - node.truth)
        return node.part if isinstance(node, n.Not) else self.add(n.Not(part))
