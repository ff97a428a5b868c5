"""Chinese sentences, written for this course: four subjects, twenty sentences each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.data.textset import Texts

SENTENCES = {
    "weather": """
        今天早上下了一场大雨，路上到处是积水。
        天气预报说明天会刮大风。
        北方的冬天又干又冷，暖气一开就不想出门。
        昨天晚上的气温降到了零下五度。
        雨停了以后，天边出现了一道彩虹。
        这里的夏天很潮湿，衣服总是晾不干。
        山顶上的雾太大，什么都看不清楚。
        春天的阳光照在身上很舒服。
        台风把门口的大树吹倒了。
        今年的第一场雪来得特别早。
        南方的梅雨季节要下一个月的雨。
        太阳出来了，地上的雪慢慢化了。
        打雷的时候不要站在树下。
        秋天的天空又高又蓝。
        空气里的灰尘太多，出门要戴口罩。
        昨天还穿短袖，今天就要穿毛衣。
        冰雹砸坏了菜地里的番茄。
        傍晚的凉风吹走了一天的闷热。
        云层很厚，飞机晚点了两个小时。
        湖面结了冰，孩子们在上面滑冰。
    """,
    "food": """
        我妈妈做的红烧肉又香又软。
        请给我来一碗牛肉面，不要放辣椒。
        这家饭馆的豆腐做得特别好吃。
        饺子要趁热吃，凉了皮就硬了。
        他不吃海鲜，一吃就过敏。
        早饭我只喝一杯豆浆，吃两个包子。
        锅里的汤已经煮了三个小时。
        西瓜放在冰箱里冰一下更甜。
        做菜的时候盐放多了，可以加一点糖。
        这种绿茶用八十度的水泡最好。
        奶奶在院子里晒了一筐萝卜干。
        米饭煮得太硬，再加半碗水吧。
        川菜的特点是又麻又辣。
        孩子把碗里的青菜都挑出来了。
        中秋节的时候我们全家一起吃月饼。
        烤鸭要蘸着甜面酱吃。
        冬天吃火锅最暖和。
        面包刚出炉，满屋子都是香味。
        她喝咖啡从来不加牛奶。
        这条鱼很新鲜，清蒸就行。
    """,
    "travel": """
        从北京坐高铁到上海只要四个半小时。
        地铁站就在前面的路口左边。
        他每天骑自行车上班，半个小时就到。
        火车票已经卖完了，我们坐大巴去吧。
        请问去机场应该坐几号线？
        早高峰的时候公交车挤得上不去。
        司机师傅，请在下一个红绿灯右转。
        我们沿着海边的公路开了一整天。
        行李太重了，电梯又坏了。
        这条路正在修，要绕一大圈。
        飞机起飞前请系好安全带。
        出租车在桥上堵了一个小时。
        站台上挤满了回家过年的人。
        导航把我们带到了一条死胡同。
        轮船靠岸的时候天已经黑了。
        停车场满了，只好停在路边。
        过马路要先看左边，再看右边。
        他错过了最后一班地铁，只好走回家。
        我把护照忘在酒店的房间里了。
        长途车每天早上七点发车。
    """,
    "study": """
        这道数学题我做了一个小时也没做出来。
        老师把作业写在黑板上了。
        图书馆里安静得只听得见翻书的声音。
        他的毕业论文写的是机器翻译。
        我们用神经网络识别手写的数字。
        期末考试的成绩下周公布。
        这本书讲的是概率论和统计学。
        学习率太大了，损失函数不再下降。
        她每天背五十个英语单词。
        实验课上我们测量了水的沸点。
        这个模型过拟合了，测试集上的准确率很低。
        教授让我们先读三篇论文。
        他在黑板上推导了反向传播的公式。
        自习室晚上十点关门。
        语文课本的第一页被撕掉了。
        我把训练数据分成了十份。
        这个定理的证明只有三行。
        孩子们在教室里练习写毛笔字。
        编程作业要在星期五之前交。
        听不懂的地方可以下课以后问老师。
    """,
}
PARTS = ((0, 12), (12, 16), (16, 20))  # of each subject's sentences: training, validation, test


def chinese(seed: int = 0) -> Texts:
    """80 sentences in simplified characters on weather, food, travel and study; 60 / 20 / 20 percent."""
    rng = np.random.default_rng(seed)
    dealt = {subject: rng.permutation(text.split()) for subject, text in SENTENCES.items()}
    arrays: list[Any] = []
    for first, last in PARTS:
        arrays.append([str(text) for texts in dealt.values() for text in texts[first:last]])
        arrays.append(_labels(last - first))
    return Texts(
        "Eighty Chinese sentences",
        "written for this course",
        "CC BY 4.0",
        tuple(SENTENCES),
        "the same class shares in each",
        *arrays,
    )


def _labels(each: int) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(SENTENCES), dtype="int64"), each)
