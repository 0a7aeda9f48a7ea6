"""The plan pack: the folder with the data files of one plan.

R4V's pack comes with the package. ``pack:`` in a parameter file, or the variable ``RMRP_PACK`` for a whole process,
names another. A plan keeps the pack with which it was read. ``use`` makes this pack the active one while the plan
computes. All functions here read the active pack. ``docs/plan-packs.md`` describes its files. Each file is checked when
it is first read.
"""

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache, cached_property, lru_cache, wraps
from operator import attrgetter
from pathlib import Path
from types import FunctionType
from typing import Annotated, Any, ParamSpec, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model

from rmrp_analysis.errors import RequestError, check_allowed, did_you_mean, fault_of
from rmrp_analysis.messages import say
from rmrp_analysis.yaml_text import read_yaml

PACK_VARIABLE = "RMRP_PACK"
"""The environment variable that names the folder of the plan pack."""
PACK_FILE = "pack.yml"
"""A folder with this file is a plan pack."""
PACK_ATTRS_KEY = "pack"
"""The key in ``attrs`` of a table that holds its plan pack."""
LANGUAGE_FILE = "language.yml"
"""The file that declares a language of sheets, in its folder."""
R4V_FOLDER = Path(__file__).parent / "r4v"
"""The folder of R4V's pack, which is used if no other is named."""
PACKAGE_LOCALE_FOLDER = Path(__file__).parents[1] / "locale"

Text = Annotated[str, Field(min_length=1)]
"""A cell that is not empty."""


class Row(BaseModel):
    """A row of a CSV file of a pack. A field is a column. A column with a default may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CsvColumn(Row):
    """A row of a room's ``columns.csv``: a column of a ``file`` that others read, and its meaning.

    Its ``type`` is as Table Schema names it. ``header`` is its header in the tables of a sheet, in words. A column with
    ``allowed`` texts (see ``records.figures``) holds no others. If it is ``required``, no cell is empty.
    """

    file: str = ""
    name: Text
    header: str = ""
    meaning: Text
    type: Text = "string"
    unit: str = ""
    allowed: str = ""
    required: str = ""


class RegionMap(Row):
    """The middle of the map of the region, in degrees and in millimetres from the bottom left, and its scale."""

    centre: tuple[float, float]
    centre_mm: tuple[float, float]
    height_mm: Annotated[float, Field(gt=20, le=120)]
    earth_radius_mm: Annotated[float, Field(gt=0)]
    """On the scale of the map: 51 mm are 1 : 125 million."""


class Aside(Row):
    """A country that the map of the region shows and names, but that is no country of the plan."""

    code: Text
    name: Text
    name_mm: tuple[float, float]
    clear: tuple[tuple[float, float], tuple[float, float]]
    """Degrees of longitude and of latitude that no label should cover."""


class Publisher(Row):
    """Who publishes the sheets."""

    name: Text
    """The name of the publisher."""
    contact: str = ""
    """How to write to the publisher."""
    address: str = ""
    """Where a reader finds more."""


class Pack(Row):
    """The content of ``pack.yml``: who coordinates the plan, the short name of the plan, and more."""

    name: Text
    plan: Text
    publisher: Publisher | None = None
    """Who publishes a sheet if its parameters name nobody."""
    calendar: tuple[date, ...] = ()
    """The days on which sheets are issued, if the parameters name none."""
    indicators: Text = "The plan's coordination publishes the list of indicators of each plan year"
    """Where an analyst finds the list of indicators."""
    only_in: Mapping[str, str] = Field(default_factory=dict)
    """Population groups that exist in one area only. Empty: in no area, unless some are reported."""
    map: RegionMap | None = None
    aside: Aside | None = None


Model = TypeVar("Model", bound=Row)


_ACTIVE_PACK: ContextVar[Path | None] = ContextVar("plan_pack", default=None)
"""The folder of the pack that ``use`` made the active one."""


def folder() -> Path:
    """Return the folder of the active pack: from ``use``, otherwise from ``RMRP_PACK``, otherwise R4V's.

    Raises ``RequestError`` if ``RMRP_PACK`` names no pack.
    """
    return _ACTIVE_PACK.get() or _folder_of_variable(os.environ.get(PACK_VARIABLE, ""))


@cache
def _folder_of_variable(name: str) -> Path:
    """Return the whole path of the pack that ``RMRP_PACK`` names, and set the variable to it. R4V's if it is empty.

    Cached by name. Raises ``RequestError`` for a folder that is no pack.
    """
    if not name:
        return R4V_FOLDER
    path = check_pack(Path(name), PACK_VARIABLE)
    os.environ[PACK_VARIABLE] = str(path)  # whole: other processes inherit it, and start in other folders
    return path


@contextmanager
def use(path: Path | None) -> Iterator[None]:
    """Make a pack the active one within a ``with`` block, and in the processes that start within.

    Sets ``RMRP_PACK``, and restores it at the end. None leaves the active one.
    """
    if path is None or path == folder():
        yield
        return
    previous, token = os.environ.get(PACK_VARIABLE), _ACTIVE_PACK.set(path)
    os.environ[PACK_VARIABLE] = str(path)
    try:
        yield
    finally:
        _ACTIVE_PACK.reset(token)
        del os.environ[PACK_VARIABLE]
        os.environ |= {PACK_VARIABLE: previous} if previous is not None else {}


def activate(path: Path | None) -> None:
    """Make a pack the active one of this process, outside ``use``, and of processes it starts. None changes nothing.

    Sets ``RMRP_PACK``.
    """
    if path is not None:
        os.environ[PACK_VARIABLE] = str(path)


def find_pack(params: Path) -> Path | None:
    """Return the folder of the pack that a parameter file names. None if it names no pack.

    The path in the file is relative to the file. Raises ``RequestError`` for a folder that is no pack.
    """
    text = read_yaml(params, RequestError)
    name = text.content.get("pack")
    if name is None:
        return None
    location = f"{params}:{text.line(('pack',))}: pack"
    if not isinstance(name, str) or not name:
        advice = say("write the folder of a plan pack, seen from this file")
        raise RequestError(f"{location}: {advice}")
    return check_pack(params.resolve().parent / name, location)


MAX_RESULTS_CACHED = 1 << 16
"""The results of a function are cached for so many arguments."""

P = ParamSpec("P")
Result = TypeVar("Result")


def cached_by_pack(read: Callable[P, Result]) -> Callable[P, Result]:
    """Cache the results of a function by its arguments, which must be hashable, and the active pack."""

    cached = lru_cache(MAX_RESULTS_CACHED)(lambda _folder, *args, **options: read(*args, **options))

    @wraps(read)
    def call(*args: P.args, **options: P.kwargs) -> Result:
        """Return the cached result for the active pack."""
        return cached(folder(), *args, **options)  # type: ignore[arg-type]

    return call


DISPLAY_METHOD_NAMES = ("__getitem__", "__repr__", "_repr_html_", "_repr_mimebundle_")
"""Methods that Python and Jupyter call."""
Class = TypeVar("Class", bound=type)


def in_pack_of(attribute: str) -> Callable[[Class], Class]:
    """Return a decorator of a class: its methods make the pack in ``attribute`` of the object the active one.

    Changes the class: its public methods and properties, and ``DISPLAY_METHOD_NAMES``.
    """
    folder_of = attrgetter(attribute)

    def run_within(method: Callable[..., Result]) -> Callable[..., Result]:
        """Return a method that runs with the pack of its object as the active one."""

        @wraps(method)
        def call(owner: Any, /, *args: Any, **options: Any) -> Result:
            """Run the method with the pack of its object as the active one."""
            path = folder_of(owner)
            if path == folder():  # as in every process that has one pack
                return method(owner, *args, **options)
            with use(path):
                return method(owner, *args, **options)

        return call

    def decorate(cls: Class) -> Class:
        """Replace the methods and properties of a class, and return the same class."""
        for name, member in list(vars(cls).items()):
            if name.startswith("_") and name not in DISPLAY_METHOD_NAMES:
                continue
            if isinstance(member, FunctionType):
                setattr(cls, name, run_within(member))
            elif isinstance(member, property) and member.fget:
                setattr(cls, name, property(run_within(member.fget)))
            elif isinstance(member, cached_property):
                member.func = run_within(member.func)
        return cls

    return decorate


def check_pack(path: Path, location: str) -> Path:
    """Return the whole path of a pack's folder. Raises ``RequestError``, which names ``location``, otherwise."""
    if not (path / PACK_FILE).is_file():
        fault = say("{path} is no plan pack: it has no {file}; write the folder of one", path=path, file=PACK_FILE)
        raise RequestError(f"{location}: {fault}")
    return path.resolve()


@cached_by_pack
def about() -> Pack:
    """Return the content of ``pack.yml``, cached by pack. Raises ``RequestError`` with every fault and its line."""
    return read_yaml(folder() / PACK_FILE, RequestError).valid(Pack)


def rows(
    name: str,
    model: type[Model],
    *,
    optional: bool = False,
    unique: str = "",
    check: Callable[[Model], str] = lambda _: "",
    within: Path | None = None,
) -> tuple[Model, ...]:
    """Return the rows of a CSV file of the pack, as Excel saves it in any country: commas or semicolons, UTF-8.

    An ``optional`` file may be missing, any other has a row. No two rows have the same text in the column ``unique``.
    ``check`` returns another fault of a row. ``within`` is another folder. Raises ``RequestError`` that names every
    fault, with file and line.
    """
    path = (within or folder()) / name
    if optional and not path.is_file():
        return ()
    header, lines = _cells(path)
    faults = [f"{path}:1: {fault}" for fault in _faults_of_header(header, model)]
    valid: list[Model] = []
    keys = set()
    for number, cells in lines if not faults else ():
        if len(cells) != len(header):
            faults.append(f"{path}:{number}: has {len(cells)} cells, and the header {len(header)}")
            continue
        try:
            row = model.model_validate(dict(zip(header, map(str.strip, cells), strict=True)))
        except ValidationError as problem:
            for error in problem.errors():
                message = error["msg"].removeprefix("Value error, ")
                message = f"{error['loc'][0]} '{error['input']}': {message[0].lower() + message[1:]}"
                faults.append(f"{path}:{number}: {message}")
            continue
        key = getattr(row, unique, None)
        fault = f"{unique} '{key}' stands here a second time" if key in keys else check(row)
        faults += [f"{path}:{number}: {fault}"] if fault else []
        keys |= {key} if unique else set()
        valid.append(row)
    if not valid and not optional and not faults:
        faults.append(f"{path}: has no row")
    if faults:
        raise RequestError("\n".join(faults))
    return tuple(valid)


def texts_of(name: str, *columns: str, **options: Any) -> tuple[Any, ...]:
    """Return the rows, as tuples, of a CSV file with only these columns, all filled texts (see ``rows``)."""
    fields: Any = dict.fromkeys(columns, (Text, ...))
    records = rows(name, create_model("Texts", __base__=Row, **fields), **options)
    return tuple(tuple(dict(row)[column] for column in columns) for row in records)


def _cells(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header of a CSV file, and its rows that are not empty, each with the line on which it ends.

    Raises ``RequestError`` if the file is missing or cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RequestError(f"{path}: the plan pack has no such file, and needs it") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise RequestError(f"{path}: cannot be read ({problem}); save it as 'CSV UTF-8'") from None
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = next(reader, [])
    return header, [(reader.line_num, cells) for cells in reader if any(cells)]


def read_json(name: str, key: str, *, optional: bool = False) -> Any:
    """Return the content of a key in a JSON file of the pack.

    Raises ``RequestError`` if the file or the key is missing, or the file is no JSON. An ``optional`` file that is
    missing gives {}.
    """
    path = folder() / name
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))[key]
    except FileNotFoundError:
        if optional:
            return {}
        raise RequestError(f"{path}: the plan pack has no such file, and needs it") from None
    except json.JSONDecodeError as problem:
        raise RequestError(f"{path}:{problem.lineno}: is no JSON ({problem.msg})") from None
    except (OSError, UnicodeDecodeError, TypeError, KeyError):
        raise RequestError(f"{path}: cannot be read, or has no '{key}'") from None


def _faults_of_header(header: Sequence[str], model: type[Row]) -> Iterator[str]:
    """Yield the faults in the header of a file: a column missing, unknown or twice."""
    for name, field in model.model_fields.items():
        if field.is_required() and name not in header:
            yield f"there is no column '{name}'"
    for name in header:
        if name not in model.model_fields:
            yield f"unknown column '{name}'; {did_you_mean(name, model.model_fields)}"
        elif header.count(name) > 1:
            yield f"the column '{name}' is there twice"


@cached_by_pack
def identity() -> dict[str, str]:
    """Return the ``name`` of the pack, and one ``sha256`` of all its files, whatever their line ends. Cached."""
    paths = {path.relative_to(folder()).as_posix(): path for path in sorted(files())}
    return {"name": about().name, "sha256": digest_of(paths)}


def digest_of(path_by_name: Mapping[str, Path]) -> str:
    """Return one sha256 of files with their names, in this order. The line ends of texts do not change it."""
    digest = hashlib.sha256()
    for name, path in path_by_name.items():
        content = path.read_bytes()
        text = content if b"\0" in content else content.replace(b"\r\n", b"\n")
        digest.update(f"{name} {hashlib.sha256(text).hexdigest()}\n".encode())
    return digest.hexdigest()


def files() -> list[Path]:
    """Return every file of the pack, also in its subfolders, without names that begin with a point."""
    paths = (path for path in folder().rglob("*") if path.is_file())
    return [path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder()).parts)]


# ---- What words and looks are made of ----


@cached_by_pack
def languages() -> Mapping[str, Path]:
    """Return the folder of each language of sheets, by its code: the package's, then the pack's.

    A language of the pack replaces the language of the package with the same code. Cached by pack.
    """
    folders = (*sorted(PACKAGE_LOCALE_FOLDER.iterdir()), *sorted((folder() / "locale").glob("*")))
    return {path.name: path for path in folders if (path / LANGUAGE_FILE).is_file()}


def known_language(code: str) -> str:
    """Return the code, in lower case if that is a language of sheets. Raises ``RequestError`` for another language."""
    language = code.lower() if code.lower() in languages() else code
    check_allowed(language, languages(), "unknown language")
    return language


LanguageCode = Annotated[str, AfterValidator(known_language)]
"""A code of a language of sheets."""


def in_languages(model: type[Model], *columns: str) -> type[Model]:
    """Return the model with an optional column for each language: ``article_{}`` becomes ``article_en``, …."""
    fields: Any = {column.format(code): (str, "") for column in columns for code in languages()}
    return create_model(model.__name__, __base__=model, **fields)


class Name(Row):
    """A sector or place in the languages of sheets: its name and, if it has one, its article within a sentence.

    ``in_…`` is its text after *in*, if that is not *in*, the article and the name.
    """

    name: Text


class OwnText(Row):
    """A text of sheets that the plan says in its own words: the package's English, and the plan's words."""

    text: Text


def _check_placeholders(row: OwnText) -> str:
    """Return the fault of translations with a ``{placeholder}`` that is not in the English text, or ""."""
    places = {place for text in dict(row).values() for place in re.findall(r"\{\w+\}", text)}
    other = sorted(places - set(re.findall(r"\{\w+\}", row.text)))
    return f"the text has no {', '.join(other)}" if other else ""


class Indicator(Row):
    """An indicator of plan years (``2023 2024``): a code, our own short label, fingerprints of the coordination's name.

    ``label_…`` is the label in a language. ``name`` is the fingerprint of the whole name, ``beginning`` of its first
    words (see ``vocabulary.indicators``). Both are empty if the name is unknown.
    """

    years: Annotated[str, Field(pattern=r"^\d{4}( \d{4})*$")]
    code: Text
    name: Annotated[str, Field(pattern="^([0-9a-f]{16})?$")] = ""
    beginning: Annotated[str, Field(pattern="^([0-9a-f]{16})?$")] = ""
    label_en: Text


@cached_by_pack
def indicators(year: int) -> Mapping[str, Indicator]:
    """Return the indicators of a plan year that the pack knows, by code. Empty without ``indicators.csv``. Cached."""
    entries = rows("indicators.csv", in_languages(Indicator, "label_{}"), optional=True)
    return {row.code: row for row in entries if str(year) in row.years.split()}


COLOUR_NAMES = (
    *("paper", "ink", "muted", "people", "people-tint", "people-pale", "wash", "money", "money-tint", "money-hatch"),
    *("brand", "brand-light", "mist", "notice", "notice-tint", "line", "land", "other-land", "masthead", "bar"),
)
"""The colours of a sheet by their use (see ``docs/plan-packs.md``)."""


class Colour(Row):
    """A colour by its use, on a light and on a dark page."""

    colour: Text
    light: Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]
    dark: Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]
    use: str = ""


@cached_by_pack
def names() -> Mapping[str, Name]:
    """Return the names of sectors and places in all languages, by the name in the pack's lists. Cached by pack."""
    return read_names()


def read_names(check: Callable[[Name], str] = lambda _: "") -> Mapping[str, Name]:
    """Read ``names.csv``, the names of sectors and places. Empty without the file. ``check`` is as for ``rows``."""
    model = in_languages(Name, "{}", "article_{}", "in_{}")
    return {row.name: row for row in rows("names.csv", model, optional=True, unique="name", check=check)}


@cached_by_pack
def texts(language: str) -> Mapping[str, str]:
    """Return the plan's texts in a language, by the English text. Texts without a translation are left out.

    Names of sectors and places and labels of indicators are among them. Cached by pack.
    """
    entries = rows("texts.csv", in_languages(OwnText, "{}"), optional=True, unique="text", check=_check_placeholders)
    labelled = rows("indicators.csv", in_languages(Indicator, "label_{}"), optional=True)
    pairs: list[tuple[str, str]] = [
        *((row.text, getattr(row, language)) for row in entries),
        *((name, getattr(row, language)) for name, row in names().items()),
        *((indicator.label_en, getattr(indicator, f"label_{language}")) for indicator in labelled),
    ]
    return {text: translation for text, translation in pairs if translation}


@cached_by_pack
def colours() -> Mapping[str, Colour]:
    """Return the colours of the plan's sheets by their use. Raises ``RequestError`` if one is missing."""

    def check(row: Colour) -> str:
        return fault_of(row.colour, COLOUR_NAMES, "no colour is called")

    uses = {row.colour: row for row in rows("colours.csv", Colour, unique="colour", check=check)}
    if missing := [name for name in COLOUR_NAMES if name not in uses]:
        raise RequestError(f"{folder() / 'colours.csv'}: there is no colour {', '.join(missing)}")
    return uses
