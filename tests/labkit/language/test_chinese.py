import subprocess
import sys

from labkit.language import chinese


def test_jieba_cuts_chinese_into_words():
    assert chinese.jieba().lcut("我们用神经网络识别手写的数字")[2] == "神经网络"


def test_it_starts_without_a_warning_a_message_or_a_file_left_behind(tmp_path):
    code = "from labkit.language import chinese; print(chinese.jieba().lcut('我来到北京'))"
    settings = {"TMPDIR": str(tmp_path), "PATH": "", "PYTHONUTF8": "1", "PYTHONPATH": ":".join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, encoding="utf-8", env=settings
    )
    assert run.stdout.strip() == "['我', '来到', '北京']"
    assert run.stderr == ""
    assert list(tmp_path.iterdir()) == []
