"""The parameters of a run, read strictly from a file, and the parameters of its notebooks, which follow from them."""

import ast
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import product
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NoReturn, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

import rmrp_analysis
from rmrp_analysis import numbers, vocabulary
from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import RequestError, check_allowed, did_you_mean
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.messages import say
from rmrp_analysis.method import (
    EARLIER_ROUNDING_KEY,
    NO_SECRET_CONDITION,
    Limits,
    Method,
    RepairName,
    Revision,
    in_order,
)
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import LanguageCode, Publisher
from rmrp_analysis.sources import load_sources
from rmrp_analysis.vocabulary import ALL, REGION
from rmrp_analysis.words import Translator
from rmrp_analysis.yaml_faults import explain_value
from rmrp_analysis.yaml_text import YamlText, read_yaml

Language = Annotated[LanguageCode, AfterValidator(lambda code: declared(code).code)]
"""A language of sheets. A fault in its file is an error here, before anything is made."""

Format = Literal["html", "pdf"]
"""A format in which a report is made."""
Audience = Literal["public", "internal"]
"""The readers of a run: the public sees rounded counts of people, internal readers see exact counts."""

NOTEBOOKS_FOLDER = "notebooks"
"""The folder of notebooks, of the package and of a project."""
BUNDLED_PLAN = "data/rmrp-2021"
"""The folder of the data of the plan that comes with the package."""
SHIPPED_FOLDER_NAMES = (BUNDLED_PLAN, "params/narratives/2021-end-of-year")
"""The folders of the plan that comes with the package, and of its narratives."""

EXECUTED_CELLS_NAME = "In"
"""The name of IPython's list of the code of the cells that were executed."""

FOLDER_PARAMETERS = ("data", "narratives")
"""The parameters of a notebook that are paths of folders."""
_INJECTED_CELL_START = "# Parameters"
"""The first text of the cell that papermill puts in."""

SHEET_NOTEBOOK = "sector_key_figures.ipynb"
"""The file name of the package's notebook that makes a sheet."""
QUALITY_NOTEBOOK = "data_quality.ipynb"
"""The file name of the package's notebook on the quality of the data."""
INDEX_PAGE_FILE = "index.html"
"""The file of the page that leads to all sheets of a run."""
QUALITY_PAGE_FILE = "data_quality.html"
"""The file name of the page on the quality of the data, in a run's folder."""
PARAMETER_BY_ALIAS = {"platform": "place"}
"""The name of a parameter, by another name that notebooks may use."""

PARAMS_FILE = "params.yml"
"""The file name of the parameters in a project's folder."""

NARRATIVES_RUN_FILE = "run.txt"
"""The file in a folder of narratives that names the run to which they belong."""


def _plan(year: int) -> int:
    """Return the year of a known plan. Raise ``ValueError`` for another year."""
    if year not in vocabulary.plan_years():
        years = ", ".join(map(str, vocabulary.plan_years()))
        raise ValueError(say("plan {year} is not known; allowed: {known}", year=year, known=years))
    return year


def _not_empty(path: Any) -> Any:
    """Return a path as it is. Raise ``ValueError`` for an empty text."""
    if path == "":
        raise ValueError(say("nothing stands here"))
    return path


def _read_accepted(listed: Any) -> Any:
    """Read ``[people_refused: 4 %]`` as shares (0–1) by name. A name without a share is accepted in full.

    Raises ``RequestError`` for an unknown name, and ``ValueError`` for a value that is no percentage. Anything but a
    text or a list is returned as it is.
    """
    listed = vocabulary.split_list(listed) if isinstance(listed, str) else listed
    if not isinstance(listed, list):
        return listed
    shares: dict[str, float] = {}
    for item in listed:
        ((name, share),) = item.items() if isinstance(item, dict) and len(item) == 1 else [(str(item), "100 %")]
        check_allowed(name, (*Limits.model_fields, NO_SECRET_CONDITION), "there is no condition")
        percent = re.fullmatch(r"(\d+(?:[.,]\d+)?) ?%", str(share))
        if not percent or float(percent[1].replace(",", ".")) > 100:
            raise ValueError(
                say("'{share}' is no share; write it as a percentage, for example {name}: 4 %", share=share, name=name)
            )
        shares[name] = float(percent[1].replace(",", ".")) / 100
    return shares


def _read_decisions(named: Any) -> Any:
    """Read the reasons of decisions by sheet, such as ``{protection.brazil: "…"}``, by the id of the report.

    Sector and place have any spelling. Raises ``RequestError`` for an unknown one, and ``ValueError`` without a reason.
    Anything but a mapping is returned as it is.
    """
    if not isinstance(named, dict):
        return named
    reasons = {}
    for sheet, reason in named.items():
        sector, _, place = str(sheet).partition(".")
        if not isinstance(reason, str) or not reason.strip():
            raise ValueError(say("'{sheet}' has no reason; write why, for every reader of the sheet", sheet=sheet))
        organisation = f".{place}" if place.startswith("by-") else ""
        name = vocabulary.find_place(REGION if organisation else place or REGION)
        reasons[vocabulary.report_id(vocabulary.find_sector(sector), name) + organisation] = reason.strip()
    return reasons


def _provisional(listed: Any) -> Any:
    """Read the names of provisional figures: ``true`` or ``all`` for every figure, ``false`` or nothing for no figure.

    A figure brings the figures that follow from it. Raises ``RequestError`` for an unknown figure, and ``ValueError``
    for anything but a list.
    """
    if listed in ([], (), False, None, "false"):
        return ()
    from rmrp_analysis.figures import FIGURES  # not needed for most requests, and slow to load

    names = tuple(FIGURES) if listed in (True, "true", ALL, [ALL]) else listed
    if not isinstance(names, list | tuple):
        raise ValueError(say("write true, false, or a list of figures such as [funding_usd]"))  # noqa: TRY004
    for name in names:
        check_allowed(str(name), FIGURES, "there is no figure")
    return tuple(name for name, figure in FIGURES.items() if {name, figure.part, figure.whole} & set(names))


def _variable(name: str) -> str:
    """Return the name of a variable, or an empty text. Raise ``ValueError`` for any other text, such as a secret."""
    if name and not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        raise ValueError(
            say("write the name of a variable of the environment, in capital letters; no secret stands here")
        )
    return name


def _sectors(listed: Any) -> Any:
    """Read sectors: ``all`` (every sector with sheets), or the names in a text or list (see ``_read_names_by``)."""
    if vocabulary.is_all(listed):
        return vocabulary.plan_lists().report_sectors
    return _read_names_by(vocabulary.find_sectors, listed)


def _one_line(text: str) -> str:
    """Return an address that can be printed on one line. Raise ``ValueError`` for any other text."""
    if not text or not text.isprintable():  # a line feed would begin another header of the mail
        raise ValueError(say("write one address on one line"))
    return text


def _web_address(text: str) -> str:
    """Return the address of a run's folder without its index page. An empty text stays.

    Raises ``ValueError`` for a text that is no address.
    """
    address = text.strip().removesuffix(INDEX_PAGE_FILE).rstrip("/")
    if text and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", address):
        raise ValueError(say("write the address of the run's folder, such as https://example.org/sheets/2021-may"))
    return address


def _places(listed: Any) -> Any:
    """Read places: ``all``, ``platforms``, ``countries``, or names, in a text or list (see ``_read_names_by``)."""
    return _read_names_by(vocabulary.find_places, listed)


def _read_names_by(read_names: Callable[[Iterable[str]], tuple[str, ...]], listed: Any) -> Any:
    """Read the names in a text, or in each text of a list. Return anything else as it is.

    Raises ``RequestError`` for an unknown name in a text. In a list the name stays, and its item is refused later.
    """
    if isinstance(listed, str) and listed:
        return read_names(listed)
    if not isinstance(listed, list | tuple):
        return listed
    with suppress(RequestError):
        return read_names([text for text in listed if isinstance(text, str)])
    names: list[Any] = []
    for text in listed:
        try:
            names.extend(read_names(text) if isinstance(text, str) else [text])
        except RequestError:
            names.append(text)  # an error when it is read again
    return names


def _read_list(listed: Any) -> Any:
    """Read a text, or each text of a list, as a list of its words. Return anything else as it is."""
    if isinstance(listed, str):
        return vocabulary.split_list(listed, ",; ")
    if not isinstance(listed, list | tuple):
        return listed
    return [word for item in listed for word in (_read_list(item) or [item] if isinstance(item, str) else [item])]


def _organisations(listed: Any) -> Any:
    """Read organisations: ``all`` (as ``[ALL]``), or the names in a text between commas or semicolons.

    Anything else is returned as it is, since an item of a list is one name, which may hold a comma.
    """
    if vocabulary.is_all(listed):
        return [ALL]  # no organisation has this name
    return [name.strip() for name in re.split("[,;]", listed) if name.strip()] if isinstance(listed, str) else listed


Sector = Annotated[str, AfterValidator(vocabulary.find_sector)]
"""The name of a sector, read in any spelling."""
Place = Annotated[str, AfterValidator(vocabulary.find_place)]
"""The key of a place, read in any spelling."""
Plan = Annotated[int, AfterValidator(_plan)]
"""The year of a plan that the pack knows."""
Repairs = Annotated[tuple[RepairName, ...], BeforeValidator(_read_list), AfterValidator(in_order)]
"""The names of repairs in the order in which they are applied, read from a list or a text."""
Provisional = Annotated[tuple[str, ...], BeforeValidator(_provisional)]
"""The names of figures that may still change, read from a list or from ``true``."""
Calendar = Annotated[tuple[date, ...], BeforeValidator(_read_list), AfterValidator(lambda days: tuple(sorted(days)))]
"""The days of the issues, in order, read from a list or a text."""
Accepted = Annotated[dict[str, float], BeforeValidator(_read_accepted)]
"""The share that is accepted of a fault of the data, by the name of its limit."""
Decisions = Annotated[dict[str, str], BeforeValidator(_read_decisions)]
"""The reason of a person's decision on a sheet, by the id of its report without the language."""
MailAddress = Annotated[str, AfterValidator(_one_line)]
"""An address of mail, on one line."""
Variable = Annotated[str, AfterValidator(_variable)]
"""The name of a variable of the environment, or empty."""
RunName = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=80)]
"""The name of a run and of its folder."""


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def of(cls, names: Mapping[str, Any]) -> Self:
        """Return the parameters among a notebook's names, with ``platform`` as ``place``. Other names are left out.

        Raises ``RequestError`` that lists every fault. In a notebook, papermill must put in only known names, and
        relative paths start from the current folder or from the notebook's.
        """
        names = dict(names)
        if EXECUTED_CELLS_NAME in names:
            names = notebook_parameters(names, (*cls.model_fields, *PARAMETER_BY_ALIAS))
        for alias, name in PARAMETER_BY_ALIAS.items():
            if isinstance(names.get(alias), str):
                names[name] = names[alias]
        try:
            return cls.model_validate({name: names[name] for name in cls.model_fields if name in names})
        except ValidationError as problem:
            faults = ((error["loc"], explain_value(error)) for error in problem.errors())
            raise RequestError("\n".join(f"{'.'.join(map(str, keys))}: {fault}" for keys, fault in faults)) from None


class Mail(_Params):
    """Who gets a mail on each run, by which server."""

    to: Annotated[tuple[MailAddress, ...], Field(min_length=1)]
    """The addresses that get the mail."""
    sender: MailAddress
    """The sender's address."""
    server: Annotated[str, Field(min_length=1)]
    """The host name of the server that takes mail."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """The port of the server."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is protected."""
    user: Variable = ""
    """The variable of the environment that holds the user's name."""
    password: Variable = ""
    """The variable of the environment that holds the password."""
    attach_mb: Annotated[float, Field(ge=0)] = 5
    """The most megabytes that attached PDFs may add to a mail. 0 attaches no PDF."""

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        """Raise ``ValueError`` if a password would be sent without encryption."""
        if self.password and self.security == "none":
            raise ValueError("a password is sent by starttls or tls alone; write security: starttls")
        return self


class Webhook(_Params):
    """The server that gets a message about each run."""

    address: Annotated[Variable, Field(min_length=1)]
    """The variable of the environment that holds the server's address."""
    token: Variable = ""
    """The variable of the environment that holds a token for it."""


class Notify(_Params):
    """The people and servers that get a message when a run has ended. The files of the run do not show them."""

    address: Annotated[str, AfterValidator(_web_address)] = ""
    """The address where readers find the run's folder. The message links to it."""
    mail: Mail | None = None
    """Who gets a mail."""
    webhook: Webhook | None = None
    """Which server gets a message."""


class RunParams(_Params):
    """The content of a parameter file: the sheets, their data and how they are counted.

    Paths are relative to the file.

    >>> params = load_run_params(find_shipped_folder("params") / "2021-end-of-year.yml")
    >>> params.run, params.languages, params.method.rounding
    ('2021-end-of-year', ('en',), (('default', 10),))
    """

    run: Annotated[RunName, Field(examples=["2021-05"])]
    """The name of the run and of its folder: letters, digits, points and hyphens."""
    title: str = ""
    """The title of the sheets, or one title by language. By default their months."""
    titles: dict[Language, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """The title by language, if ``title`` is such a mapping."""
    pack: Path | None = None
    """The folder of the plan pack, if it is not R4V's."""
    plan: Annotated[Plan, Field(examples=[2021])]
    """The plan year. Its vocabulary, layout and rules hold."""
    period: Annotated[Period, Field(examples=["{start: 2021-01, end: 2021-05}"])]
    """The months that count: ``{start: 2021-01, end: 2021-05}``, or as people write them, such as ``2021Q1``."""
    data: Annotated[Path, BeforeValidator(_not_empty), Field(examples=["data"])]
    """The folder of the data, with its ``sources.yml``."""
    notebook: Path = Field(default_factory=lambda: find_shipped_folder(NOTEBOOKS_FOLDER) / SHEET_NOTEBOOK)
    """The notebook that makes a sheet."""
    narratives: Path | None = None
    """The folder of the texts that authors wrote."""
    sectors: Annotated[
        tuple[Sector, ...],
        BeforeValidator(_sectors),
        Field(min_length=1, default_factory=lambda: vocabulary.plan_lists().report_sectors),
    ]
    """The sectors of the sheets in any spelling, ``Intersector`` for all together, or ``all`` for a sheet of each."""
    places: Annotated[
        tuple[Place, ...],
        BeforeValidator(_places),
        Field(min_length=1, validation_alias=AliasChoices("places", "platforms", "place")),
    ] = (REGION,)
    """The places of the sheets: ``region``, ``platforms``, ``countries``, ``all``, or names."""
    organisations: Annotated[tuple[str, ...], BeforeValidator(_organisations)] = ()
    """The organisations that also get sheets of their reports, by name or acronym. ``all``: each that reported."""
    languages: Annotated[tuple[Language, ...], BeforeValidator(_read_list), Field(min_length=1)] = ("en",)
    """The languages of the sheets. Messages are in the first."""
    formats: Annotated[tuple[Format, ...], BeforeValidator(_read_list), Field(min_length=1)] = ("html", "pdf")
    """The formats of each sheet."""
    audience: Audience = "public"
    """``public`` rounds counts of people. ``internal`` shows exact counts, and is marked as such."""
    repairs: Repairs = ()
    """The cleaning steps of R4V that are made, by R4V's names. Their order is fixed."""
    method: Method = Method()
    """How figures are counted."""
    accept: Accepted = Field(default_factory=dict)
    """The faults of the data with which sheets are published: a share by limit, such as ``[people_refused: 4 %]``."""
    hold: Decisions = Field(default_factory=dict)
    """The sheets that a person holds, each with its reason, such as ``{protection.brazil: "…"}``. It is printed."""
    publish: Decisions = Field(default_factory=dict)
    """The sheets that are published although the gate refuses them, each with its reason, which the sheet prints."""
    provisional: Provisional = ()
    """The figures that may still change, such as ``[funding_usd]``, or ``true`` for all. The sheets mark them."""
    publisher: Publisher | None = None
    """The publisher in the title of the sheets. By default the publisher of the pack."""
    calendar: Calendar = ()
    """The days of the issues. A sheet is of the first day after its reports. By default the calendar of the pack."""
    notify: Notify = Notify()
    """Who gets a message about the run."""
    keep: Annotated[int, Field(ge=0)] = 0
    """How many earlier editions stay beside the run."""

    @model_validator(mode="before")
    @classmethod
    def _all_platforms(cls, content: Any) -> Any:
        """Read ``platforms: all`` as the region and every platform, without countries."""
        if isinstance(content, dict) and vocabulary.is_all(content.get("platforms")):
            return content | {"platforms": [REGION, *vocabulary.plan_lists().platforms]}
        return content

    @model_validator(mode="before")
    @classmethod
    def _title_by_language(cls, content: Any) -> Any:
        """Read ``title: {en: …, es: …}`` as a title by language. Other languages have the first title."""
        if isinstance(content, dict) and isinstance(titles := content.get("title"), dict) and titles:
            return content | {"title": next(iter(titles.values())), "titles": titles | content.get("titles", {})}
        return content

    @model_validator(mode="after")
    def _limits_that_are_accepted(self) -> Self:
        """Return the parameters with the method's limits raised to the accepted shares."""
        limits = self.method.limits
        shares = {name: share for name, share in self.accept.items() if name != NO_SECRET_CONDITION}
        raised = {name: max(share, getattr(limits, name)) for name, share in shares.items()}
        method = self.method.model_copy(update={"limits": limits.model_copy(update=raised)})
        return self.model_copy(update={"method": method})

    def of_organisations(self, find_organisations: Callable[[str], Sequence[str]]) -> Self:
        """Return the run with its organisations by their names in the plan.

        ``find_organisations`` gives the names that a text means.
        """
        names = [name for text in self.organisations for name in find_organisations(text)]
        return self.model_copy(update={"organisations": tuple(dict.fromkeys(names))})

    def title_in(self, language: str) -> str:
        """Return the title of the sheets in a language: the file's title for it, its only title, or the months."""
        return self.titles.get(language) or self.title or title_of_months(self.period.start, self.period.end, language)

    def reports(self) -> tuple["ReportParams", ...]:
        """Return the parameters of every report of the run, each report once.

        Reports of places come first, then reports of organisations, which are in the region.
        """
        sectors, languages = dict.fromkeys(self.sectors), dict.fromkeys(self.languages)
        of_places = product(sectors, dict.fromkeys(self.places), languages, [""])
        of_organisations = product(sectors, [REGION], languages, dict.fromkeys(self.organisations))
        return tuple(self.report(*names) for names in (*of_places, *of_organisations))

    @property
    def issued_by(self) -> Publisher | None:
        """Who publishes the run, by the parameters or otherwise by the plan pack."""
        return self.publisher or pack.about().publisher

    def possible_reports(self) -> Iterator["ReportParams"]:
        """Yield the parameters of every possible report, in the run's first language.

        They are of every sector in every place, then of every sector and each of the run's organisations in the region.
        """
        lists = vocabulary.plan_lists()
        for sector, place in product(lists.report_sectors, lists.places):
            yield self.report(sector, place)
        for sector, organisation in product(lists.report_sectors, self.organisations):
            yield self.report(sector, REGION, organisation=organisation)

    def report(self, sector: str, place: str, language: str = "", organisation: str = "") -> "ReportParams":
        """Return the parameters of one report, whether or not the run makes it.

        It is in the run's first language unless ``language`` says another. Raises ``RequestError`` for unknown names.
        """
        language = language or self.languages[0]
        sheet = {"sector": sector, "place": place, "organisation": organisation, "language": language}
        paths = {"data": str(self.data), "narratives": str(self.narratives or "")}
        decision = self.publish.get(vocabulary.report_id(sector, place, organisation), "")
        return ReportParams.of(dict(self) | sheet | paths | {"title": self.title_in(language), "decision": decision})

    def report_named(self, name: str) -> "ReportParams":
        """Return the parameters of the report with an id such as ``health.peru.es``.

        The run need not make it. Without a language it is in the run's first. Raises ``RequestError`` for a report that
        does not exist.
        """
        report, _, language = name.rpartition(".")
        if language not in pack.languages() and len(language) != 2:
            report, language = name, self.languages[0]
        possible = {params.report: params for params in self.possible_reports()}
        check_allowed(report, possible, "there is no report")
        params = possible[report]
        return self.report(params.sector, params.place, pack.known_language(language), params.organisation)

    def quality_page(self) -> "QualityParams":
        """Return the parameters of the page on the run's data, in its first language."""
        language = self.languages[0]
        text = {"title": self.title_in(language), "language": language}
        return QualityParams.of(dict(self) | text | {"data": str(self.data)})

    def in_languages(self, languages: Sequence[str]) -> Self:
        """Return the run in these languages, or unchanged without any. Raise ``RequestError`` for unknown ones."""
        codes = tuple(dict.fromkeys(map(pack.known_language, languages)))
        return self.model_copy(update={"languages": codes or self.languages})

    def of_sectors(self, names: Sequence[str]) -> Self:
        """Return the run with only these of its sectors, in any spelling.

        Other sectors are ignored. Raises ``RequestError`` for an unknown name, and if no sector remains.
        """
        chosen = set(vocabulary.find_sectors(names))
        sectors = tuple(sector for sector in self.sectors if sector in chosen)
        if not sectors:
            raise RequestError(
                say(
                    "the run '{run}' has none of the sectors of --sector; it has: {sectors}",
                    run=self.run,
                    sectors=", ".join(map(vocabulary.local_name, self.sectors)),
                )
            )
        return self.model_copy(update={"sectors": sectors})

    def change(self, **values: Any) -> Self:
        """Return the run with these parameters changed. Empty values change nothing.

        Values may be as in a parameter file. Raises ``RequestError`` for a value that is not allowed.
        """
        for name in values:
            check_allowed(name, type(self).model_fields, "there is no parameter")
        changed = {name: value for name, value in values.items() if value}
        return type(self).of(dict(self) | changed) if changed else self


def title_of_months(start: str, end: str, language: str) -> str:
    """Return the usual title of sheets in a language: ``Key figures up to May 2021``.

    A whole year is ``Key figures 2021``. Months that do not start in January are named from the first to the last.
    """
    translate, (year, month) = Translator(language), start.split("-")
    if month != "01":
        return translate("Key figures, {months}", months=numbers.months(start, end, language))
    if end == f"{year}-12":
        return translate("Key figures {year}", year=year)
    return translate("Key figures up to {month}", month=numbers.month_and_year(end, language))


class ReportParams(_Params):
    """The parameters of one report, which one run of a notebook gets.

    They are exactly the names in the notebook's cell with the tag ``parameters``.

    >>> params = load_run_params(find_shipped_folder("params") / "2021-end-of-year.yml")
    >>> params.report("Salud", "Perú", "es").id
    'health.peru.es'
    """

    title: str
    """The title of the sheet."""
    plan: Plan
    """The plan year."""
    period: Period
    """The months that count."""
    data: str
    """The folder of the data, seen from the current folder or the notebook's."""
    narratives: str
    """The folder of the texts that authors wrote, or empty."""
    sector: Sector
    """The sector in any spelling, or ``Intersector`` for all together."""
    place: Place
    """The region, a platform or a country."""
    organisation: str = ""
    """The organisation of the sheet: only its reports count. Empty: everybody."""
    language: Language
    """The language of the sheet."""
    audience: Audience
    """``public`` rounds counts of people. ``internal`` shows exact counts."""
    repairs: Repairs = ()
    """The cleaning steps that are made."""
    method: Method
    """How figures are counted."""
    provisional: Provisional = ()
    """The figures that may still change."""
    revision: Revision | None = None
    """The changes from the sheet that this one replaces. The run fills them in."""
    publisher: Publisher | None = None
    """Who publishes the sheet."""
    calendar: Calendar = ()
    """The days of the issues."""
    decision: str = ""
    """Why a person publishes the sheet although the gate refuses it, or empty."""

    @property
    def selected(self) -> dict[str, Any]:
        """The arguments of ``Plan.select`` for the rows of this report."""
        return {name: getattr(self, name) for name in ("sector", "place", "organisation", "period", "method")}

    @property
    def report(self) -> str:
        """The report's id without its language, for example ``health.peru``."""
        return vocabulary.report_id(self.sector, self.place, self.organisation)

    @property
    def id(self) -> str:
        """The report's id, for example ``health.peru.es``."""
        return f"{self.report}.{self.language}"

    @property
    def stem(self) -> str:
        """The name of its files without suffix: its id, and whether they are internal."""
        return vocabulary.file_stem(self.report, self.language, self.audience)


class QualityParams(_Params):
    """The parameters of the notebook on data quality.

    They are exactly the names in its cell with the tag ``parameters``.
    """

    title: str
    plan: Plan
    period: Period
    data: str
    language: Language
    repairs: Repairs = ()
    method: Method

    id: ClassVar[str] = "data_quality"


def load_run_params(path: Path) -> RunParams:
    """Read a parameter file, with its paths made absolute.

    Raises ``RequestError`` with every fault at once, each with file, line and suggestion. Then raises it for a missing
    notebook or folder of narratives, or for narratives of another run.
    """
    text, own_pack = read_yaml(path, RequestError), pack.find_pack(path)
    with pack.use(own_pack):
        params = text.valid(RunParams)
    folder = path.resolve().parent
    notebook = folder / _plain_path(params.notebook)
    narratives = (folder / _plain_path(params.narratives)).resolve() if params.narratives else None
    if not notebook.is_file():
        _refuse_path(text, "notebook", say("the notebook {path} is not there", path=notebook), "*.ipynb")
    if narratives and not narratives.is_dir():
        _refuse_path(text, "narratives", say("the narratives folder {path} is not there", path=narratives), "*/")
    if narratives and (file := narratives / NARRATIVES_RUN_FILE).is_file():
        owner = file.read_text(encoding="utf-8-sig").strip()
        if owner != params.run:
            raise RequestError(
                say(
                    "the narratives in {narratives} belong to the run '{owner}' ({file} says so), and this run is "
                    "'{run}'; name a folder of its own under `narratives:`, or leave the line out",
                    narratives=narratives,
                    owner=owner,
                    file=file,
                    run=params.run,
                )
            )
    data = (folder / _plain_path(params.data)).resolve()
    paths = {"pack": own_pack, "data": data, "notebook": notebook.resolve(), "narratives": narratives}
    return params.model_copy(update=paths)


def _plain_path(path: Path) -> Path:
    """Return the path with ``~`` written out, and with slashes if it was typed on Windows and is read elsewhere."""
    typed = str(path).replace("\\", "/") if os.sep == "/" and not path.exists() else str(path)
    return Path(typed).expanduser() if typed.startswith("~") else Path(typed)


def _refuse_path(text: YamlText, key: str, fault: str, pattern: str) -> NoReturn:
    """Raise ``RequestError`` for a missing file or folder, with the line of its ``key``.

    The error suggests paths beside the parameter file and in its notebooks that match ``pattern``.
    """
    folder = text.path.resolve().parent
    paths = [*folder.glob(pattern), *(folder / NOTEBOOKS_FOLDER).glob(pattern)]
    advice = say("correct its path, or leave the line out")
    if names := sorted(path.relative_to(folder).as_posix() for path in paths):
        advice = did_you_mean(str(text.content.get(key, "")), names)
    raise RequestError(f"{text.path}:{text.line((key,))}: {fault}; {advice}")


def other_words(path: Path) -> list[str]:
    """Return a note, with its line, if a parameter file has the old word for ``rounding``. Otherwise an empty list."""
    text = read_yaml(path, RequestError)
    method = text.content.get("method") if isinstance(text.content, dict) else None
    if not isinstance(method, dict) or EARLIER_ROUNDING_KEY not in method:
        return []
    note = say(
        "{key} is read as `rounding: {base}`: counts of people are rounded, and none is withheld any more",
        key=EARLIER_ROUNDING_KEY,
        base=method[EARLIER_ROUNDING_KEY],
    )
    return [f"{path}:{text.line(('method', EARLIER_ROUNDING_KEY))}: {note}"]


def check_same_plan(params: RunParams, path: Path) -> None:
    """Raise ``RequestError`` if file and data folder have different plan years."""
    described = load_sources(params.data).plan
    if described != params.plan:
        line = read_yaml(path, RequestError).line(("plan",))
        fault = say(
            "plan is {plan}, but the data in {folder} are of plan {described}; write plan: {described}, or name "
            "other data",
            plan=params.plan,
            folder=params.data,
            described=described,
        )
        raise RequestError(f"{path}:{line}: {fault}")


def notebook_parameters(names: Mapping[str, Any], allowed: Collection[str]) -> dict[str, Any]:
    """Return the names of a notebook, with the paths of its folders (``FOLDER_PARAMETERS``) resolved.

    Raises ``RequestError`` if papermill put in a name that neither a report nor the notebook knows, or a folder is not
    found.
    """
    defined = set(allowed)
    for cell in names[EXECUTED_CELLS_NAME]:
        try:
            lines = ast.parse(cell).body
        except SyntaxError:  # no plain Python
            continue
        targets = [target for line in lines if isinstance(line, ast.Assign) for target in line.targets]
        targets += [line.target for line in lines if isinstance(line, ast.AnnAssign)]
        assigned = [target.id for target in targets if isinstance(target, ast.Name)]
        unknown = [name for name in assigned if name not in defined] if cell.startswith(_INJECTED_CELL_START) else []
        faults = [
            say("unknown parameter '{name}'; {advice}", name=name, advice=did_you_mean(name, allowed))
            for name in unknown
        ]
        if faults:
            raise RequestError("\n".join(faults))
        defined |= set(assigned)
    resolved = dict(names)
    for name in FOLDER_PARAMETERS:
        path = names.get(name)
        if name not in allowed or not isinstance(path, str) or not path:
            continue
        if not (folder := seen_from_notebook(path)):
            started = _find_started_notebook()
            base = started.parent if started else Path.cwd()
            raise RequestError(
                say(
                    "{name}: the folder '{path}' is not there, seen from {base}; write its whole path",
                    name=name,
                    path=path,
                    base=base,
                )
            )
        resolved[name] = str(folder)
    return resolved


def seen_from_notebook(path: Path | str) -> Path | None:
    """Find a folder from the current folder or from the notebook that papermill runs. None if it is missing.

    A path such as ``../data/rmrp-2021`` may also mean a folder that comes with the package.
    """
    if Path(path).is_dir():
        return Path(path)
    started = _find_started_notebook()
    folders = [started.parent / path] if started else []
    if str(path).removeprefix("../") in SHIPPED_FOLDER_NAMES:
        folders.append(find_shipped_folder(NOTEBOOKS_FOLDER) / path)
    return next((folder.resolve() for folder in folders if folder.is_dir()), None)


def find_shipped_folder(name: str) -> Path:
    """Return the path of a folder that comes with the package: inside it, or beside ``src`` in a checkout."""
    package = Path(rmrp_analysis.__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parents[1] / name


def _find_started_notebook() -> Path | None:
    """Return the notebook of the command that started this kernel (``papermill NOTEBOOK OUT``), or None."""
    import psutil

    try:
        parent = psutil.Process(os.getppid())
        paths = [Path(parent.cwd(), argument) for argument in parent.cmdline() if argument.endswith(".ipynb")]
    except (psutil.Error, OSError):
        return None
    return next((path.resolve() for path in paths if path.is_file()), None)
