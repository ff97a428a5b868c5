"""What is said of a file that was handed in as a notebook and cannot be read as one: what it is, and what to do."""

_EXPORTED = "In Jupyter, File > Save and Export makes other files from a notebook: hand in the notebook itself."
_AGAIN = "Open the notebook, save it, and hand it in again."
_UNPACK = "Unpack it and hand in the notebook in it."
_CLEAR = "Clear its outputs (in Jupyter: Edit > Clear Outputs of All Cells), save it, and hand it in again."

NOTEBOOKS = {
    "notebook.empty": f"The file is empty. {_AGAIN}",
    "notebook.pdf": f"This is no notebook but a PDF. {_EXPORTED}",
    "notebook.zip": "This is no notebook but a zip file. Name it .zip, or hand in the notebook in it.",
    "notebook.empty_zip": f"This is no notebook but an empty zip file. {_AGAIN}",
    "notebook.gzip": f"This is no notebook but a gzip file. {_UNPACK}",
    "notebook.seven_zip": f"This is no notebook but a 7-Zip file. {_UNPACK}",
    "notebook.rar": f"This is no notebook but a RAR file. {_UNPACK}",
    "notebook.picture": "This is no notebook but a picture. Hand in the notebook itself.",
    "notebook.office": "This is no notebook but an Office document. Hand in the notebook itself.",
    "notebook.word_processor": (
        "This is no notebook but a text of a word processor. Hand in the notebook itself, which no word processor has "
        "saved."
    ),
    "notebook.git_lfs": (
        "This is no notebook but a pointer of Git LFS. Run `git lfs pull` and hand in the file that it fetches."
    ),
    "notebook.web_page": (
        "This is no notebook but a web page: perhaps one that shows it, or that asks for a password. Download the "
        "notebook itself, and hand that in."
    ),
    "notebook.script": "This is no notebook but a Python script. Hand in the notebook itself, the .ipynb file.",
    "notebook.other_text": (
        "This is no notebook but a text that begins `{beginning}`. Hand in the notebook itself, the .ipynb file."
    ),
    "notebook.no_text": f"This is no notebook: it is no text, or damaged in line {{line}}. {_AGAIN}",
    "notebook.no_cells_in_json": (
        "This is JSON but no notebook: it has no list of cells. Hand in the .ipynb file itself."
    ),
    "notebook.conflict": (
        "The notebook holds Git's marks of a merge conflict (line {line}). Keep one of the two sides, save the "
        "notebook in Jupyter, and hand it in again."
    ),
    "notebook.endless": f"This is no notebook: it holds lists in each other, or numbers, without end. {_AGAIN}",
    "notebook.cut_off": (
        f"The notebook is cut off in line {{line}}: part of it was not saved or sent. {_AGAIN}"
    ),
    "notebook.goes_on": f"The notebook goes on after its end (line {{line}}): two files became one. {_AGAIN}",
    "notebook.damaged": f"The notebook is damaged in line {{line}} ({{problem}}): it is no JSON there. {_AGAIN}",
    "notebook.no_cells": "The notebook has no cells: was it saved before it was handed in?",
    "notebook.many_cells": "The notebook has {count:,} cells; at most {most:,} are run.",
    "notebook.language": (
        "The notebook is for another language, {language}: open it with Python 3 and hand it in again."
    ),
    "notebook.much_text": (
        "The notebook's cells hold {count:,} characters; at most {most:,} are run. Data belongs into files."
    ),
    "notebook.large": f"The notebook has {{size:size}}; at most {{most:size}} are read. {_CLEAR}",
    "notebook.many_lists": f"The file holds too many lists to be a notebook. {_CLEAR}",
    "notebook.no_cell": "Cell {cell} is not a cell: the file is damaged. Save the notebook and hand it in again.",
    "notebook.no_source": "Cell {cell} has no text: the file is damaged. Save the notebook and hand it in again.",
}  # fmt: skip
