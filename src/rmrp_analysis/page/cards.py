"""The blocks of single figures: title, notice, headline, people, partners, funding, small print."""

from typing import Any

from rmrp_analysis import numbers
from rmrp_analysis.figures import FIGURES, REASONS, REASONS_LOST, KeyFigures
from rmrp_analysis.page import findings
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import NOT_SPECIFIED, SHARED, plan_year
from rmrp_analysis.words import LANGUAGE_NAMES, N_

PLANNED = ("people_in_need", "target", "requirement_usd")


def masthead(printed: Printed, title: str, languages: tuple[str, ...], report: str) -> Block:
    """The sheet's title, and what the whole document is called."""
    words = printed.words
    status = words(illustrative_status(printed.key_figures))
    names = f"{printed.sector()} · {words(title)} · {printed.scope()}"
    view = {
        "block": "masthead",
        "span": 12,
        "period": words(title),
        "scope": printed.scope(),
        "sector": printed.sector(),
        "plan": f"{words(plan_year(printed.key_figures.plan_year).name)} · {printed.period()}",
        "title": names,
        "status": status,
        "lang": printed.language,
        "page": words("Page {page} / {pages}", page="{page}", pages="{pages}"),
        "languages_label": words("Languages"),
        "languages": [
            {
                "code": code,
                "name": LANGUAGE_NAMES[code],
                "href": f"{report}.{code}.html",
                "current": code == printed.language,
            }
            for code in languages
        ],
    }
    return Block("masthead", view)


def illustrative_status(figures: KeyFigures) -> str:
    """How much of the sheet is invented: all of it, part of it, nothing (empty)."""
    if not figures.illustrative:
        return ""
    published = [name for name in PLANNED if figures.value(name) is not None and name not in figures.illustrative]
    return N_("Partly illustrative") if published else N_("Illustrative data")


def notice(printed: Printed) -> Block:
    """What on the sheet is invented, and which people it could not count."""
    status = illustrative_status(printed.key_figures)
    lead = printed.words(status) if status else printed.words("Not all people are counted")
    invented = _invented(printed) if printed.key_figures.illustrative else ""
    text = " ".join(part for part in (invented, *_lost(printed)) if part)
    return Block("notice", {"block": "notice", "span": 12, "lead": f"{lead}.", "text": text})


def _lost(printed: Printed) -> list[str]:
    words, lost = printed.words, printed.key_figures.lost_people
    return [
        words(
            "The people reached leave out {people} people reported: {reason}.",
            people=number,
            reason=words(REASONS_LOST[cause]),
        )
        for cause, people in lost.items()
        for number in (printed.withheld if people is None else numbers.people(people, printed.language),)
    ]


def _invented(printed: Printed) -> str:
    words, figures = printed.words, printed.key_figures
    invented = set(figures.illustrative)
    parts = {
        words("need"): {"people_in_need"},
        words("target"): {"target"},
        words("the requirement"): {"requirement_usd"},
        words("activity reports"): {"activities"},
        words("funding flows"): {"funding_usd"},
    }
    known = {label: names for label, names in parts.items() if any(figures.value(name) is not None for name in names)}
    made_up = [label for label, names in known.items() if names & invented]
    published = [label for label in known if label not in made_up]
    text = words("Invented: {list}.", list=numbers.listed(made_up, printed.language))
    if published:
        text += " " + words("As published: {list}.", list=numbers.listed(published, printed.language))
    return text


def headline(printed: Printed, written: str = "") -> Block:
    """The sheet in one sentence: an author's, or one drafted from the figures, which says so."""
    text, note = (written, "") if written else (findings.headline(printed), drafted(printed))
    return Block("headline", {"block": "headline", "span": 12, "text": text, "note": note})


def drafted(printed: Printed) -> str:
    """The small print beneath a sentence that no author wrote."""
    return printed.words("Drafted from the figures.")


def people(printed: Printed) -> Block:
    """People in need, target and people reached, with the bars that join them."""
    words, figures = printed.words, printed.key_figures
    names = {"need": "people_in_need", "target": "target", "reached": "people_reached"}
    labels = {"need": N_("People in need"), "target": N_("People targeted"), "reached": N_("People reached")}
    stated = [
        {
            "kind": kind,
            "value": printed.figure(name),
            "label": words(labels[kind]),
            "reason": words(REASONS.get(figures.figures[name].reason, "")),
        }
        for kind, name in names.items()
    ]
    unknown = {figures.figures[name].reason for name in ("people_in_need", "target") if figures.value(name) is None}
    neither = len(unknown) == 1 and figures.value("people_in_need") is None and figures.value("target") is None
    view = {
        "block": "people",
        "span": 12,
        "numbers": stated[2:] if neither else stated,
        "need_bar": _need_bar(printed),
        "target_bar": _target_bar(printed),
        "note": words("People in need and people targeted: {reason}.", reason=stated[0]["reason"]) if neither else "",
    }
    return Block("people", view)


def _need_bar(printed: Printed) -> dict[str, Any] | None:
    figures, words = printed.key_figures, printed.words
    need, target, reached = (figures.value(name) for name in ("people_in_need", "target", "people_reached"))
    if not need:
        return None
    shares = {"target": printed.share(target, need), "reached": printed.share(reached, need)}
    if target is not None and reached is not None:
        text = words("{target} of people in need were targeted, {reached} reached", **shares)
    elif reached is not None:
        text = words("{reached} of people in need were reached", reached=shares["reached"])
    else:
        text = words("{target} of people in need were targeted", target=shares["target"]) if target is not None else ""
    bar = {name: None if part is None else part / need for name, part in (("target", target), ("reached", reached))}
    return {**bar, "text": text}


def _target_bar(printed: Printed) -> dict[str, Any] | None:
    coverage, words = printed.key_figures.value("target_coverage"), printed.words
    if coverage is None:
        return None
    above = coverage > 1
    return {
        "enlarged": words("People reached, enlarged") if above else words("People targeted, enlarged"),
        "reached": 1 if above else coverage,
        "mark": 1 / coverage if above else None,
        "text": words("{share} of people targeted were reached", share=printed.figure("target_coverage")),
    }


def counts(printed: Printed, figures: tuple[str, ...]) -> Block:
    """Figures that count something, each with its label."""
    words = printed.words
    rows = [{"value": printed.figure(name), "label": words(FIGURES[name].label)} for name in figures]
    return Block("partners", {"block": "partners", "span": 4, "kicker": words("Partners and activities"), "rows": rows})


def funding(printed: Printed) -> Block:
    """Funded and unmet of the requirement, and the organisations behind it."""
    words, figures = printed.words, printed.key_figures
    requirement = figures.value("requirement_usd")
    required = (
        words(
            "{amount} required, {as_of}",
            amount=printed.figure("requirement_usd"),
            as_of=printed.as_of(_source_of_requirement(figures)),
        )
        if requirement is not None
        else words("Requirement not published")
    )
    view = {
        "block": "funding",
        "span": 8,
        "kicker": words("Funding*, {as_of}", as_of=printed.as_of("funding")),
        "required": required,
        "funded": {
            "label": words("Funded"),
            "value": printed.figure("funding_usd"),
            "share": _or_empty(printed, "funding_coverage"),
        },
        "unmet": _unmet(printed),
        "bar": _funding_bar(figures),
        "reason": _why_no_funding_bar(printed),
        "organisations": _organisations(printed),
    }
    return Block("funding", view)


def _source_of_requirement(figures: KeyFigures) -> str:
    """The plan's own figures come first; where they give none, FTS states the requirement."""
    funding, requirement = figures.figures["funding_usd"], figures.figures["requirement_usd"]
    return "funding" if requirement.source == funding.source else "planning"


def _unmet(printed: Printed) -> dict[str, str] | None:
    """The unmet amount; money above the requirement leaves 0 unmet on the sheet, and its true amount in the files."""
    unmet, requirement = (printed.key_figures.value(name) for name in ("unmet_usd", "requirement_usd"))
    if unmet is None:
        return None
    shown = max(unmet, 0)
    share = printed.share(shown, requirement)
    return {"label": printed.words("Unmet"), "value": printed.usd(shown), "share": share}


def _funding_bar(figures: KeyFigures) -> dict[str, Any] | None:
    coverage = figures.value("funding_coverage")
    if coverage is None:
        return None
    return {"funded": min(max(coverage, 0), 1), "mark": 1 / coverage if coverage > 1 else None}


def _why_no_funding_bar(printed: Printed) -> str:
    figures, words = printed.key_figures, printed.words
    if figures.value("funding_coverage") is not None:
        return ""
    if figures.figures["funding_usd"].reason == "no_funding_by_sector":
        return words("Share and unmet amount cannot be stated: the source does not give money by sector.")
    if figures.value("funding_usd") is None:
        return words(
            "Share and unmet amount cannot be stated: the source does not give this sector's money by country."
        )
    return words("Share and unmet amount cannot be stated: the plan gives no requirement for this sector and platform.")


def _organisations(printed: Printed) -> dict[str, Any] | None:
    words, figures = printed.words, printed.key_figures
    forms = {
        "donors": lambda count: words.plural("donor", "donors", count),
        "funded_organisations": lambda count: words.plural("funded organization", "funded organizations", count),
    }
    known = {name: figures.value(name) for name in forms}
    items = [
        {"value": printed.figure(name), "label": forms[name](int(value))}
        for name, value in known.items()
        if value is not None
    ]
    return {"label": words("Number of organizations"), "items": items} if items else None


def _or_empty(printed: Printed, name: str) -> str:
    return printed.figure(name) if printed.key_figures.value(name) is not None else ""


def footnote(printed: Printed, sources: list[str]) -> Block:
    """The small print at the foot of the first printed page."""
    words = printed.words
    paragraphs = [
        [{"text": f"{funding_note(printed)} {undesignated(printed)}".strip(), "bold": False}],
        [{"text": words("Sources:") + " ", "bold": True}, {"text": " ".join(sources), "bold": False}],
    ]
    return Block("footnote", {"block": "footnote", "span": 12, "paragraphs": paragraphs})


def funding_note(printed: Printed) -> str:
    """What the asterisk at every sum of money means."""
    return printed.words(
        "* Funding as reported to the Financial Tracking Service (FTS). It may not show all money applied to "
        "this sector or to a country: unearmarked funds may carry no sector or country when partners receive them."
    )


def undesignated(printed: Printed) -> str:
    """The plan's money that names no single sector (country): several, or none."""
    shares = {split: _share_apart(printed, split) for split in ("sector", "country")}
    total = printed.key_figures.breakdowns.get("plan_funding_usd_by_sector_named")
    if total is None or not shares["sector"]:
        return ""
    told = {"total": printed.usd(sum(total.values().values())), **shares}
    if shares["country"]:
        return printed.words(
            "Of the plan's {total}, {sector} names no single sector and {country} no single country.", **told
        )
    return printed.words("Of the plan's {total}, {sector} names no single sector.", **told)


def _share_apart(printed: Printed, split: str) -> str:
    named = printed.key_figures.breakdowns.get(f"plan_funding_usd_by_{split}_named")
    if named is None:
        return ""
    usd = named.values()
    return printed.share(usd[SHARED] + usd[NOT_SPECIFIED], sum(usd.values()))


def footer(printed: Printed, title: str, report: str) -> Block:
    """The line that closes the page, with the data files that lie beside it."""
    names = f"{printed.sector()} · {printed.words(title)} · {printed.scope()}"
    status = printed.words(illustrative_status(printed.key_figures))
    beside = f"{report}.{printed.language}"
    data = {
        "label": printed.words("Data of this sheet"),
        "files": [{"name": "Excel", "href": f"{beside}.xlsx"}, {"name": "CSV", "href": f"{beside}.csv"}],
    }
    return Block("footer", {"block": "footer", "span": 12, "text": names, "status": status, "data": data})
