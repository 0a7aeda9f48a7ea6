"""Do what a page tells its reader to do, and put what comes of it into the page."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import typst
import yaml
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
TERMINAL_COLUMNS = 78
MAX_CELL_LETTERS = 70
PIXELS_PER_INCH = 130.0
MAX_SCREEN_HEIGHT = 700

STEPS = re.compile(
    r"```sh\n(?P<commands>.*?)```\n"
    r"|`(?P<new>\w+: [^`]+)` (?:in place of|en lugar de) `(?P<old>[^`]+)`"
    r"|`(?P<file>[\w./]+)`:\n\n```markdown\n(?P<text>.*?)```"
    r"|```\{(?P<look>picture|rows)\} (?P<seen>[^\n]+)\n(?P<options>.*?)```",
    re.DOTALL,
)
"""What a page tells its reader to do: to type, to edit ``params.yml``, to write a file, to look at a file."""

NOT_TEXT = re.compile(r"(?:\x1b\[[0-9;?]*[A-Za-z])*━.*\n|\x1b\[[0-9;?]*[A-Za-z]")
"""A code by which a terminal changes how it shows what follows; a bar of what has passed."""


class Reader:
    """A reader who follows pages in an empty folder: ``folder`` is where their terminal is.

    What they look at is drawn as PNG files in the folder ``pictures``.
    """

    def __init__(self, home: Path, language: str, pictures: Path) -> None:
        self.home = self.folder = home.resolve()
        self.language = language
        self.pictures = pictures

    def follow(self, page: Path) -> str:
        """Do every step of a page, in its order; return the page's text with what came of each."""
        self.page = page
        return STEPS.sub(self._follow_step, page.read_text("utf-8"))

    def _follow_step(self, step: re.Match[str]) -> str:
        if step["commands"]:
            output = "".join(map(self.type, step["commands"].splitlines()))
            return step[0] + (f"\n``````{{code-block}} text\n:class: terminal\n\n{output}``````\n" if output else "")
        if step["look"]:
            options = yaml.safe_load(re.sub(r"^:", "", step["options"], flags=re.MULTILINE))
            return {"picture": self.picture, "rows": self.rows}[step["look"]](self.folder / step["seen"], **options)
        if step["file"]:
            (self.folder / step["file"]).write_text(step["text"], "utf-8")
        else:
            params = self.folder / "params.yml"
            if step["old"] not in (text := params.read_text("utf-8")):
                raise ExtensionError(f"{params} holds no {step['old']!r}, which {self.page} has its reader change")
            params.write_text(text.replace(step["old"], step["new"]), "utf-8")
        return step[0]

    def type(self, line: str) -> str:
        """Do what a terminal does with a line; return what it prints. A command that fails is an error."""
        program, *arguments = shlex.split(line)
        if program == "cd":
            self.folder = self.folder.joinpath(*arguments).resolve()
            return ""
        code, output = self.run(program, *arguments)
        if code:
            raise ExtensionError(f"{line!r} of {self.page} ends with exit code {code}:\n{output}")
        return re.sub(r" +$", "", output.replace(str(self.home), "~"), flags=re.MULTILINE)

    def run(self, program: str, *arguments: str) -> tuple[int, str]:
        """Run a program in the reader's folder; return its exit code and what it prints."""
        command = [sys.executable, "-m", "rmrp_analysis"] if program == "rmrp" else [program]
        settings = {"RMRP_LANGUAGE": self.language, "COLUMNS": str(TERMINAL_COLUMNS)}
        settings |= {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}  # what is printed first stands first
        settings |= {"TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "0", "NO_COLOR": "1"}  # tables of a terminal
        ended = subprocess.run(
            [*command, *arguments],
            cwd=self.folder,
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return ended.returncode, NOT_TEXT.sub("", ended.stdout)

    def picture(self, file: Path, *, alt: str, page: int = 1, width: int = 1100) -> str:
        """Return Markdown of a picture: a PDF's ``page``, or the top of an HTML page, ``width`` pixels wide.

        Without a browser it is the PDF that has the name of the HTML page, or nothing where there is none.
        """
        shown = file if CHROMIUM else file.with_suffix(".pdf")
        if not CHROMIUM and not shown.exists():
            return ""
        self.pictures.mkdir(parents=True, exist_ok=True)
        target = self.pictures / f"{file.stem}-{len(list(self.pictures.glob('*.png'))) + 1}.png"
        target.write_bytes(draw_screen(shown, width) if shown.suffix == ".html" else draw_paper(shown, page))
        address = Path(os.path.relpath(target, self.page.parent)).as_posix()
        return f"```{{image}} {address}\n:alt: {alt}\n:class: picture dark-light\n```"

    def rows(self, file: Path, *, columns: str, count: int = 5) -> str:
        """Return a Markdown table of the first rows of a CSV file, with these columns (names with spaces between)."""
        names = columns.split()
        table = pd.read_csv(file, sep=None, engine="python", dtype=str, keep_default_na=False, encoding="utf-8-sig")
        lines = [names, ["---"] * len(names), *table[names].head(count).to_numpy()]
        return "\n".join(f"| {' | '.join(map(shorten_cell, line))} |" for line in lines)


def shorten_cell(cell: str) -> str:
    """Return a cell of a Markdown table that holds the beginning of this text."""
    shortened = cell if len(cell) <= MAX_CELL_LETTERS else cell[: MAX_CELL_LETTERS - 1].rstrip() + "…"
    return shortened.replace("|", "\\|")


def draw_paper(file: Path, *pages: int) -> bytes:
    """Return pages of a PDF as PNG, side by side."""
    images = ", ".join(f'box(fill: white, image("{file.name}", page: {page}))' for page in pages)
    layout = "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n"
    layout += f"#grid(columns: {len(pages)}, column-gutter: 12pt, {images})"
    return typst.compile(layout.encode(), root=file.parent, format="png", ppi=PIXELS_PER_INCH)


def draw_screen(file: Path, width: int) -> bytes:
    """Return the top of an HTML page as a browser shows it, as PNG."""
    from playwright.sync_api import sync_playwright  # only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": width, "height": MAX_SCREEN_HEIGHT}, color_scheme="light")
        page.goto(file.as_uri())
        end = page.evaluate("Math.ceil(document.querySelector('main, body').getBoundingClientRect().bottom)")
        page.set_viewport_size({"width": width, "height": min(end, MAX_SCREEN_HEIGHT)})
        picture = page.screenshot()
        browser.close()
    return picture


def follow_pages(app: Sphinx) -> None:
    """Keep the text of every page of ``step_pages``, with the results of its steps, in ``app.followed_pages``.

    One reader follows a group of pages in the order given: each page goes on where the page before ended. The files of
    a reader stay beside the doctrees, in the folder ``readers/<name of the first page>``. With ``-D follow_steps=0``
    nobody follows the pages: they show their steps without results.
    """
    pictures, readers = Path(app.doctreedir, "pictures"), Path(app.doctreedir, "readers")
    for folder in (pictures, readers):
        shutil.rmtree(folder, ignore_errors=True)

    def follow_group(names: Sequence[str]) -> dict[str, str]:
        folder, home = str(Path(names[0]).parent), readers / names[0]
        home.mkdir(parents=True)
        reader = Reader(home, "en" if folder == "." else folder, pictures / folder)
        return {name: reader.follow(Path(app.env.doc2path(name))) for name in names}

    if app.config.follow_steps:
        with ThreadPoolExecutor() as pool:
            groups = list(pool.map(follow_group, app.config.step_pages))
        app.followed_pages = {name: text for group in groups for name, text in group.items()}
    else:
        paths = {name: Path(app.env.doc2path(name)) for group in app.config.step_pages for name in group}
        app.followed_pages = {name: leave_looks_out(path.read_text("utf-8")) for name, path in paths.items()}


def leave_looks_out(text: str) -> str:
    """Return the text of a page without the pictures and tables that its steps would give."""
    return STEPS.sub(lambda step: "" if step["look"] else step[0], text)


def list_followed(app: Sphinx, *_: object) -> list[str]:
    """Return the pages to be read again, though they did not change: what came of their steps may have."""
    return list(app.followed_pages)


def show_steps(app: Sphinx, docname: str, content: list[str]) -> None:
    """Give Sphinx the text of a page with what came of its steps."""
    content[0] = app.followed_pages.get(docname, content[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Follow the pages before Sphinx reads any."""
    app.add_config_value("step_pages", [], "env")
    app.add_config_value("follow_steps", True, "env")
    app.connect("builder-inited", follow_pages)
    app.connect("env-get-outdated", list_followed)
    app.connect("source-read", show_steps)
    return {"parallel_read_safe": True}
