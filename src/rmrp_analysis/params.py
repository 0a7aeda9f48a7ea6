"""What a run is asked for: a parameter file read strictly, and the parameters of each report that follow from it."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

import rmrp_analysis
from rmrp_analysis.counting import Method, Period, RepairName, in_order
from rmrp_analysis.errors import RequestError
from rmrp_analysis.sources import load_sources
from rmrp_analysis.vocabulary import (
    ALL,
    INTERSECTOR,
    PLAN_YEARS,
    PLATFORMS,
    REGION,
    SECTORS,
    platform_named,
    report_id,
    sector_named,
)
from rmrp_analysis.yaml_text import read_yaml

Language = Literal["en", "es", "pt"]
Format = Literal["html", "pdf"]
Audience = Literal["public", "internal"]
SHEET_NOTEBOOK = "sector_key_figures.ipynb"
OVERVIEW_NOTEBOOK = "regional_overview.ipynb"
QUALITY_NOTEBOOK = "data_quality.ipynb"
REPORTED = (INTERSECTOR, *SECTORS)
SCOPES = (REGION, *PLATFORMS)
"""What has a report: all sectors together, and each of them."""


def _plan(year: int) -> int:
    if year not in PLAN_YEARS:
        raise ValueError(f"plan {year} is not known; allowed: {', '.join(map(str, PLAN_YEARS))}")
    return year


def _all_meaning(*names: str) -> BeforeValidator:
    """``all`` stands for every name, alone or as the only item of a list."""
    return BeforeValidator(lambda given: names if given in (ALL, [ALL]) else given)


Sector = Annotated[str, AfterValidator(sector_named)]
Platform = Annotated[str, AfterValidator(platform_named)]
Plan = Annotated[int, AfterValidator(_plan)]
Repairs = Annotated[tuple[RepairName, ...], AfterValidator(in_order)]
RunName = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=80)]


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Asked = TypeVar("Asked", bound=_Params)


def _params_among(model: type[Asked], names: dict[str, Any]) -> Asked:
    try:
        return model.model_validate({name: names[name] for name in model.model_fields if name in names})
    except ValidationError as problem:
        raise RequestError("\n".join(_in_words(error) for error in problem.errors())) from None


def _in_words(error: Any) -> str:
    return f"{'.'.join(map(str, error['loc']))}: {error['msg'].removeprefix('Value error, ')}"


class RunParams(_Params):
    """The content of a parameter file: which sheets, of which data, counted how. Paths are relative to the file.

    ``titles`` holds the title in languages for which the package has no translation of ``title``.
    """

    run: RunName
    title: str = Field(min_length=1)
    titles: dict[Language, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    plan: Plan
    period: Period
    data: Path
    notebook: Path | None = None
    narratives: Path | None = None
    sectors: Annotated[tuple[Sector, ...], _all_meaning(*REPORTED), Field(min_length=1)] = REPORTED
    platforms: Annotated[tuple[Platform, ...], _all_meaning(*SCOPES), Field(min_length=1)] = (REGION,)
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    formats: Annotated[tuple[Format, ...], Field(min_length=1)] = ("html", "pdf")
    audience: Audience = "public"
    repairs: Repairs = ()
    method: Method = Method()

    def reports(self) -> tuple["ReportParams", ...]:
        """The parameters of every report of the run, each report once."""
        reports = (
            self._report(sector, platform, language)
            for sector in dict.fromkeys(self.sectors)
            for platform in dict.fromkeys(self.platforms)
            for language in dict.fromkeys(self.languages)
        )
        return tuple(reports)

    def possible_reports(self) -> Iterator["ReportParams"]:
        """A report of every sector and scope there is, whether or not the run makes it, in the run's first language."""
        return (self._report(sector, platform, self.languages[0]) for sector, platform in product(REPORTED, SCOPES))

    def report(self, sector: str, platform: str) -> "ReportParams":
        """The parameters of one report, whether or not the run makes it; raises ``RequestError`` for unknown names."""
        try:
            return self._report(sector, platform, self.languages[0])
        except ValidationError as problem:
            raise RequestError("\n".join(_in_words(error) for error in problem.errors())) from None

    def notebook_of(self, report: "ReportParams") -> Path:
        """The notebook that makes a report: the run's own, or the overview beside it for all sectors together."""
        sheet = self.notebook or notebooks_folder() / SHEET_NOTEBOOK
        if report.sector != INTERSECTOR:
            return sheet
        beside = sheet.parent / OVERVIEW_NOTEBOOK
        return beside if beside.is_file() else notebooks_folder() / OVERVIEW_NOTEBOOK

    def _report(self, sector: str, platform: str, language: Language) -> "ReportParams":
        return ReportParams(
            title=self.titles.get(language, self.title),
            plan=self.plan,
            period=self.period,
            data=str(self.data),
            narratives=str(self.narratives or ""),
            sector=sector,
            platform=platform,
            language=language,
            languages=self.languages,
            audience=self.audience,
            repairs=self.repairs,
            method=self.method,
        )


class ReportParams(_Params):
    """What one notebook run gets: exactly the names in the notebook's cell tagged ``parameters``."""

    title: str
    plan: Plan
    period: Period
    data: str
    narratives: str
    sector: Sector
    platform: Platform
    language: Language
    languages: tuple[Language, ...]
    audience: Audience
    repairs: Repairs = ()
    method: Method

    @classmethod
    def of(cls, names: dict[str, Any]) -> Self:
        """The parameters among a notebook's names; raises ``RequestError`` that lists every fault."""
        return _params_among(cls, names)

    @property
    def report(self) -> str:
        """The report's id without its language, for example ``health.peru``."""
        return report_id(self.sector, self.platform)

    @property
    def id(self) -> str:
        """The report's id, for example ``health.peru.es``; its files are named after it."""
        return f"{self.report}.{self.language}"


class QualityParams(_Params):
    """What the notebook on data quality gets: exactly the names in its cell tagged ``parameters``."""

    title: str
    plan: Plan
    period: Period
    data: str
    language: Language
    repairs: Repairs = ()
    method: Method

    id: ClassVar[str] = "data_quality"

    @classmethod
    def of(cls, names: dict[str, Any]) -> Self:
        """The parameters among a notebook's names; raises ``RequestError`` that lists every fault."""
        return _params_among(cls, names)

    @classmethod
    def of_run(cls, params: RunParams) -> Self:
        """The parameters for the data of a run, in its first language."""
        return cls(
            title=params.title,
            plan=params.plan,
            period=params.period,
            data=str(params.data),
            language=params.languages[0],
            repairs=params.repairs,
            method=params.method,
        )


def load_run_params(path: Path) -> RunParams:
    """Read a parameter file, with its paths made absolute.

    Raises ``RequestError`` with every fault at once, each with file, line and suggestion.
    """
    text = read_yaml(path, RequestError)
    try:
        params = RunParams.model_validate(text.content)
    except ValidationError as problem:
        raise RequestError("\n".join(text.explain(problem, RunParams))) from None
    return _with_absolute_paths(params, path.resolve().parent)


def check_same_plan(params: RunParams, path: Path) -> None:
    """Raise ``RequestError`` when the parameter file and the data folder speak of different plan years."""
    described = load_sources(params.data).plan
    if described != params.plan:
        line = read_yaml(path, RequestError).line(("plan",))
        raise RequestError(
            f"{path}:{line}: plan is {params.plan}, but the data in {params.data} are of plan {described}"
        )


def notebooks_folder() -> Path:
    """Where the package's notebooks lie: inside an installed package, beside ``src`` in a checkout."""
    package = Path(rmrp_analysis.__file__).parent
    installed = package / "notebooks"
    return installed if installed.is_dir() else package.parents[1] / "notebooks"


def _with_absolute_paths(params: RunParams, folder: Path) -> RunParams:
    notebook = folder / params.notebook if params.notebook else notebooks_folder() / SHEET_NOTEBOOK
    paths = {
        "data": (folder / params.data).resolve(),
        "notebook": notebook.resolve(),
        "narratives": (folder / params.narratives).resolve() if params.narratives else None,
    }
    if not notebook.is_file():
        raise RequestError(f"the notebook {notebook} is not there")
    if paths["narratives"] and not paths["narratives"].is_dir():
        raise RequestError(f"the narratives folder {paths['narratives']} is not there")
    return params.model_copy(update=paths)
