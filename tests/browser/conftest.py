"""One browser and one JupyterLab for all tests; pictures are kept under build/browser."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.jupyter import ROOT, Jupyter
from tests.browser.notebook import Notebook

PICTURES = ROOT / "build" / "browser"


@pytest.fixture(scope="package")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium is missing: apt-get install chromium, or choose -m 'not browser'", pytrace=False)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def jupyter(browser, tmp_path_factory):
    with Jupyter(tmp_path_factory.mktemp("learner")) as running:
        yield running


@pytest.fixture
def open_notebook(browser, jupyter):
    """Opens notebooks of the course in pages of their own, and ends their kernels."""
    contexts = []

    def opened(path: str) -> Notebook:
        context = browser.new_context()
        contexts.append(context)
        return Notebook(context.new_page(), jupyter, path)

    yield opened
    for context in contexts:
        for page in context.pages:
            page.evaluate("() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.shutdown()")
        context.close()


@pytest.fixture(scope="package")
def pictures() -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
