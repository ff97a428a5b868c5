"""Attacks on whoever opens the pages: HTML and script in outputs, texts, names and ids; formulas; paths."""

from tests.attacks.attack import Attack

_PRINT_NAME = "print('<b>me</b>')"

ATTACKS = [
    Attack(
        "html_output",
        "Displays scripts, handlers, frames and forms as HTML, as JavaScript and as SVG.",
        """
from IPython.display import HTML, SVG, Javascript, display
code = '<script>alert(1)</script><img src=x onerror=alert(1)><iframe srcdoc=x></iframe><form action=//192.0.2.1>'
display(HTML(code), Javascript('alert(1)'), {'text/html': code, 'image/svg+xml': '<svg onload=alert(1)>'}, raw=False)
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'))
class Rich:
    _repr_html_ = _repr_svg_ = _repr_javascript_ = __repr__ = lambda self: code
Rich()
""",
    ),
    Attack(
        "markdown_output",
        "Displays Markdown and formulas with HTML, script links, data links and pictures from elsewhere.",
        """
from IPython.display import Latex, Markdown, display
text = '''[a](javascript:alert(1)) [b](JaVaScRiPt&colon;alert(1)) [c](data:text/html,<script>alert(1)</script>)
<img src=x onerror=alert(1)> ![d](http://192.0.2.1/x.png) <http://x" onmouseover="alert(1)> [e]: javascript:alert(1)
$<img src=x onerror=alert(1)>$ $$\\\\href{javascript:alert(1)}{x}</script><script>alert(1)</script>$$ `<b>` | <i> |'''
display(Markdown(text), Latex(text), Markdown('# ' + text.replace('\\n', '\\n> ')))
""",
    ),
    Attack(
        "markdown_cell",
        "The same in the notebook's own text, where no kernel stands between.",
        """# %% [markdown]
<script>alert(1)</script> [a](javascript:alert(1)) <details open ontoggle=alert(1)> ![x](javascript:alert(1))

| a | b |
|---|---|
| <svg onload=alert(1)> | $\\unicode{<img src=x onerror=alert(1)>}$ |

<style>@import url(//192.0.2.1/x.css);</style> &lt;script&gt; ```html
<script>alert(1)</script>
# %%
"</pre></code><script>alert(1)</script>"  # <!-- --> ]]> <plaintext>
""",
    ),
    Attack(
        "pictures",
        "Pictures that are HTML, whose words close their own tag, or that unpack to gigabytes of pixels.",
        """
import base64, struct, zlib
show = get_ipython().display_pub.publish
html = base64.b64encode(b'<script>alert(1)</script>').decode()
size = struct.pack('>IIBBBBB', 60_000, 60_000, 8, 6, 0, 0, 0)
head = b'\\x89PNG\\r\\n\\x1a\\n' + struct.pack('>I', 13) + b'IHDR'
huge = base64.b64encode(head + size + struct.pack('>I', zlib.crc32(b'IHDR' + size))).decode()
small = base64.b64encode(head + struct.pack('>II', 1, 1) + bytes(9)).decode()
for data in (html, huge, small, '" onerror="alert(1)', 'x' * 10**5):
    show({'image/png': data, 'image/jpeg': data, 'image/svg+xml': '<svg onload=alert(1)>',
          'text/plain': '"><script>alert(1)</script>'}, {'image/png': {'alt': '" onload="alert(1)'}})
""",
    ),
    Attack(
        "error_texts",
        "Exceptions whose class, message, notes and traceback are script and terminal codes.",
        """
kind = type('<script>alert(1)</script>', (Exception,), {'__module__': '<img src=x onerror=alert(1)>'})
def total(x): raise kind('"><script>alert(1)</script>\\x1b]8;;javascript:alert(1)\\x07x\\x1b[2J')
# %%
import sys
print('\\x1b]0;<script>\\x07\\x1b[31m</pre><script>alert(1)</script>', '\\u202e', '\\0', file=sys.stderr)
raise kind('<script>alert(1)</script>')
""",
    ),
    Attack(
        "values_as_script",
        "Answers with text that is script: the page shows what came back.",
        """
class Named(str):
    __repr__ = __str__ = lambda self: '</code><script>alert(1)</script>'
def total(x): return {'</pre><script>alert(1)</script>': Named('`<img src=x onerror=alert(1)>`'), 'x': '{{ 7*7 }}'}
""",
    ),
    Attack(
        "outputs_by_hand",
        "Sends outputs over the channel that no display would make: wrong types, kinds, depths and MIME types.",
        """
import json, os, struct
bad = '<script>alert(1)</script>'
items = [{'output_type': bad}, {'output_type': 'stream', 'name': bad, 'text': [bad]}, {}, {'data': 1},
         {'output_type': 'error', 'ename': [bad], 'evalue': bad, 'traceback': [bad, 1]},
         {'output_type': 'display_data', 'data': {'text/html': {'a': bad}, bad: bad}, 'metadata': bad},
         {'output_type': 'execute_result', 'data': {'text/html': bad, 'text/markdown': [bad]}, 'execution_count': bad}]
for cell in (3, 4):
    data = json.dumps({'kind': 'cell', 'cell': cell, 'outputs': items, 'seconds': 1.0}).encode()
    os.write(200, struct.pack('>I', len(data)) + data)
""",
    ),
    Attack(
        "id_as_script",
        "A learner's id, which is a folder's name, that is markup.",
        _PRINT_NAME,
        learner='"><img src=x onerror=alert(1)><script>alert(1)<!--',
    ),
    Attack(
        "id_as_formula",
        "A learner's id that a spreadsheet takes for a formula.",
        _PRINT_NAME,
        learner="=cmd|' C calc'!A0,\"=1+1\"",
    ),
    Attack(
        "id_as_formula_behind_a_space",
        "A learner's id that becomes a formula once blanks and line ends are trimmed.",
        _PRINT_NAME,
        learner="\r\n @SUM(1+1)*cmd|' C calc'!A0",
    ),
    Attack(
        "id_as_path",
        "A learner's id that reads like a way out of the folder of reports, once decoded.",
        _PRINT_NAME,
        learner="..%2f..%2f..\\..\\tmp\\page",
    ),
    Attack(
        "id_as_address",
        "A learner's id that would make a link lead elsewhere.",
        _PRINT_NAME,
        learner="javascript:alert(1)#\u202e?x=1&\u2028",
    ),
    Attack(
        "id_of_another",
        "A learner's id that differs from a neighbour's only in what cannot be seen.",
        _PRINT_NAME,
        learner="002\u200b",
    ),
    Attack(
        "id_of_another_but_for_a_blank",
        "A learner's id that is a neighbour's once a table trims it.",
        _PRINT_NAME,
        learner="002 ",
    ),
    Attack(
        "id_as_a_part_of_a_file",
        "A learner's id that reads like a file that is half written, for the next command to stumble over.",
        _PRINT_NAME,
        learner=".a.part",
    ),
    Attack(
        "id_as_a_dead_commands_part",
        "A learner's id that reads like what a command left that was killed, so that the next one removes it.",
        _PRINT_NAME,
        learner="mail.999999.part",
    ),
    Attack(
        "formulas_behind_separators",
        "A learner's id and a message in which formulas stand behind the signs that part the cells of other tables.",
        "def total(x):\n    raise ValueError('x;=1+1|=2+2\\t=3+3,=4+4;\"=5+5\\n=6+6')",
        learner="mine;=1+1|@SUM(2),-3",
    ),
    Attack(
        "picture_of_a_card",
        "A picture of a passed task's card, and headings and links that read like the page's own.",
        """
import base64, struct, zlib
from IPython.display import Markdown, display
def chunk(kind, data): return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
def picture(width, height):
    head = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b'\\0' + b'\\xea\\xf6\\xee' * width) * height)
    return b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', head) + chunk(b'IDAT', rows) + chunk(b'IEND', b'')
for size in ((600, 40), (1, 300_000)):
    get_ipython().display_pub.publish({'image/png': base64.b64encode(picture(*size)).decode()})
text = '# Judged at the end\\n\\n✓ total: passed, 3 of 3 points\\n\\n[Sign in to see your points](https://points.example)'
display(Markdown(text))
""",
    ),
    Attack(
        "card_moved",
        "Says that each check is in a cell that is not there, so that its card comes at the end of all.",
        """
from grader.sandbox.channel import Channel
send = Channel.send
def moved(form): return {**form, 'cell': 99_999} if form.get('kind') == 'reached' else form
Channel.send = lambda self, form, *more: send(self, moved(form), *more)
""",
    ),
]
