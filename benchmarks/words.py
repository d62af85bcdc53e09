"""Fictional titles and paragraphs, varied enough that search has rare and common words to find."""

from __future__ import annotations

import random

PLACES = [
    "东风街道",
    "虹光街道",
    "新桥镇",
    "临港片区",
    "科创园区",
    "大学城",
    "老城厢",
    "滨江带",
    "中央公园",
    "创意谷",
    "北翼商圈",
    "南岸新区",
    "青年社区",
    "软件园",
    "会展中心",
    "枢纽地区",
    "生态岛",
    "工业遗址",
    "数字港",
    "金融街",
    "影视基地",
    "体育公园",
    "文化走廊",
    "航运服务区",
    "保税区",
    "高新区",
    "田园社区",
    "古镇",
]
TOPICS = [
    "元宇宙",
    "人工智能",
    "生成式人工智能",
    "大模型",
    "智能网联汽车",
    "数字孪生",
    "集成电路",
    "生物医药",
    "智慧养老",
    "托育服务",
    "垃圾分类",
    "海绵城市",
    "老旧小区加装电梯",
    "停车共享",
    "慢行步道",
    "社区食堂",
    "家庭医生",
    "中小学课后服务",
    "职业教育",
    "青年公寓",
    "新能源充电桩",
    "低空经济",
    "机器人",
    "工业软件",
    "数据要素流通",
    "公共数据开放",
    "知识产权保护",
    "科技成果转化",
    "中试平台",
    "首台套应用",
    "场景开放",
    "算力基础设施",
    "网络安全",
    "绿色金融",
    "跨境电商",
    "直播经济",
    "夜间经济",
    "文旅融合",
    "非遗传承",
    "博物馆",
    "城市更新",
    "历史建筑保护",
    "河道治理",
    "空气质量",
    "噪声扰民",
    "无障碍",
    "应急管理",
    "高层消防",
    "电动自行车",
    "食品安全",
    "药品可及",
    "心理健康",
    "志愿服务",
    "物业管理",
    "社区治理",
    "基层减负",
    "营商环境",
    "中小企业融资",
]
ACTIONS = [
    "加快推进",
    "进一步加强",
    "着力完善",
    "统筹优化",
    "积极培育",
    "切实提升",
    "深入推动",
    "有序开展",
    "探索建立",
    "稳步扩大",
    "规范",
    "促进",
    "持续改善",
    "支持发展",
]
OBJECTS = [
    "创新能力建设",
    "产业集聚",
    "公共服务平台",
    "标准体系",
    "人才引育",
    "应用示范",
    "协同机制",
    "监管办法",
    "空间布局",
    "专项资金使用",
    "长效管理",
    "信息公开",
    "评价体系",
    "区域合作",
    "实践基地",
    "试点工作",
    "供需对接",
    "资源共享",
    "便民措施",
    "品质提升",
]
OPENINGS = ("近年来", "调研发现", "据了解", "从实践看", "与此同时", "居民普遍反映", "企业反映")
CLAUSES = [
    "相关工作取得了一定成效",
    "部门之间的信息尚未打通",
    "缺少统一的技术标准",
    "场景开放的数量和深度不足",
    "专业人才供给跟不上需求",
    "共性技术平台的利用率不高",
    "政策知晓度有待提高",
    "资金支持较为分散",
    "部分项目推进缓慢",
    "基层力量比较薄弱",
    "服务半径还不够均衡",
    "社会力量参与的渠道不多",
    "考核办法没有体现差异",
    "应当建立常态化的沟通机制",
    "需要明确牵头单位和完成时限",
    "可以先行先试再逐步推广",
    "应当把评价结果向社会公开",
    "建议设立开放的实践基地",
    "建议每年发布需求清单",
    "建议组织供需双方定期对接",
]
RARE = "磁悬浮冰雕"


def topic(rng: random.Random) -> str:
    return (
        f"{rng.choice(ACTIONS)}{rng.choice(PLACES)}{rng.choice(TOPICS)}{rng.choice(OBJECTS)}"
        f"（{rng.randrange(1, 9999)}）"
    )


def title(rng: random.Random) -> str:
    return f"关于{topic(rng)}的建议"


def promise(rng: random.Random) -> str:
    return (
        f"{rng.choice(ACTIONS)}{rng.choice(TOPICS)}{rng.choice(OBJECTS)}，年内完成{rng.randrange(2, 9999)}项"
    )


def paragraph(rng: random.Random, sentences: int = 4) -> str:
    found = []
    for _ in range(sentences):
        found.append(
            f"{rng.choice(OPENINGS)}，{rng.choice(PLACES)}{rng.choice(TOPICS)}{rng.choice(CLAUSES)}，"
            f"{rng.choice(CLAUSES)}，{rng.choice(OBJECTS)}{rng.choice(CLAUSES)}。"
        )
    return "".join(found)
