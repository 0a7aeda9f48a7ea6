"""A proof finds each wrong digit, accuses no right number, and tells nothing that the run does not print."""

import io
import json
import random
import re
import shutil
import zipfile
from dataclasses import replace
from email.message import EmailMessage
from html import escape
from pathlib import Path

import pandas as pd
import pytest
import typst
from bs4 import BeautifulSoup
from press_releases import KINDS, LANGUAGES, Release, change_digit, releases

from published_run import SHIPPED, Published, rmrp
from rmrp_analysis.publish.comparison.published import PublishedRun, read_run
from rmrp_analysis.publish.proof.documents import Passage, read_passages, read_text
from rmrp_analysis.publish.proof.proof import SUPPORTED_VERDICTS, Proof

SECTORS = ("Health", "Human Trafficking & Smuggling", "All sectors")
TEXTS = 400
"""Those of even seeds were looked at while the proof was built; those of odd ones have other sentences."""
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> PublishedRun:
    """A run of three sectors in three languages, with the sheets of Chile."""
    out = tmp_path_factory.mktemp("proof")
    asked = ("--sector", *SECTORS, "--language", *LANGUAGES, "--place", "region", "Chile")
    assert rmrp("run", SHIPPED, *asked, "--out", out) == 0
    return read_run(out / "2021-end-of-year")


@pytest.fixture(scope="module")
def proof(run: PublishedRun) -> Proof:
    """Holds documents against the run, whose pages it reads once."""
    return Proof(run)


def docx(lines: list[str]) -> bytes:
    content = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", WORD.format(content))
    return file.getvalue()


def eml(lines: list[str]) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["Date"] = lines[0], "Tue, 15 Feb 2022 10:30:00 +0000"
    mail.set_content("\n\n".join(lines[1:]))
    mail.add_alternative("".join(f"<p>{escape(line)}</p>" for line in lines[1:]), subtype="html")
    return mail.as_bytes()


def pdf(lines: list[str]) -> bytes:
    """A printed document, in which long lines are broken."""
    escaped = ("".join(f"\\{sign}" if sign in "\\#$*_`@<>[]=-+/~'\"" else sign for sign in line) for line in lines)
    return typst.compile("\n\n".join(escaped).encode())


RENDERED = {
    "a.txt": lambda lines: "\n\n".join(lines).encode(),
    "a.html": lambda lines: "".join(f"<p>{escape(line)}</p>" for line in lines).encode(),
    "a.docx": docx,
    "a.eml": eml,
    "a.pdf": pdf,
}


def judge(proof: Proof, release: Release) -> pd.Series:
    """Say of each number of a text whether it is borne."""
    found = proof.of(list(read_text(release.text)))
    assert found["number"].size == len(release.numbers), release.text
    return found["verdict"].isin(SUPPORTED_VERDICTS)


@pytest.mark.parametrize("half", [0, 1], ids=["even seeds", "odd seeds"])
def test_errors_of_press_releases_are_found_and_no_right_number_is_accused(
    run: PublishedRun, proof: Proof, half: int
) -> None:
    numbers, texts, accused, passed = 0, dict.fromkeys(KINDS, 0), [], {kind: [] for kind in KINDS}
    seeds = range(half, TEXTS, 2)
    for seed, release in zip(seeds, releases(run, seeds), strict=True):
        borne = judge(proof, release)
        numbers += borne.size
        accused += [(seed, each.text) for each, is_borne in zip(release.numbers, borne, strict=True) if not is_borne]
        chance = random.Random(f"error {seed}")  # noqa: S311
        for kind in KINDS:
            wrong = release.with_error(kind, chance)
            if wrong:
                texts[kind] += 1
                is_wrong = [number.is_wrong for number in wrong.numbers]
                if judge(proof, wrong)[is_wrong].all():
                    passed[kind].append((seed, wrong.text))
    assert numbers > 1500
    assert min(texts.values()) > 100
    assert len(accused) <= numbers / 100, accused
    assert passed["digit"] == []
    assert len(passed["swap"]) <= texts["swap"] / 50, passed["swap"]
    assert len(passed["scope"]) <= texts["scope"] / 20, passed["scope"]


@pytest.mark.parametrize("name", RENDERED)
def test_a_text_has_the_same_verdicts_in_each_format(run: PublishedRun, proof: Proof, name: str) -> None:
    seeds = range(12)
    for seed, release in zip(seeds, releases(run, seeds), strict=True):
        wrong = release.with_error("digit", random.Random(seed))  # noqa: S311
        for text in (release, wrong):
            found = proof.of(read_passages(RENDERED[name](text.paragraphs), name))
            assert found["verdict"].isin(SUPPORTED_VERDICTS).to_list() == judge(proof, text).to_list(), text.text


@pytest.mark.parametrize(
    "text",
    [
        "Health: partners reached 1,570,140 people, of whom 610 K were women.",
        "Health: Partners reached 1.57 M people, of whom 609,940 were women.",
        "Health: Colombia accounts for 47.2% of people reached.",
    ],
)
def test_a_number_may_be_finer_than_the_page_has_it(proof: Proof, text: str) -> None:
    assert set(proof.of(list(read_text(text)))["verdict"]) <= set(SUPPORTED_VERDICTS)


@pytest.mark.parametrize(
    "text",
    [
        "Health: out of a target of 1.8 million, partners assisted 1,570,140 people (83 per cent).",
        "Health: nearly 1.6 million, more than 1.5 million, some 1.6 million people were reached.",
        "Salud: unas 610 mil mujeres y 284 mil niñas fueron alcanzadas.",
        "Saúde: quase 1,6 milhão de pessoas receberam atendimento, 83% da meta de 1,8 milhão.",
        "Salud: 3 de cada 10 personas con necesidades fueron alcanzadas.",
        "Health: In May 141,640 people were reached, and in June 144,240.",
        "Health: 1.6m people were reached in 40 clinics with 120 beds.[1]",
    ],
)
def test_numbers_are_read_as_press_releases_write_them(proof: Proof, text: str) -> None:
    found = proof.of(list(read_text(text)))
    assert len(found) > 0
    assert set(found["verdict"]) <= set(SUPPORTED_VERDICTS), found.to_string()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Health: 1.80 million people were reached.", "1.80 million"),
        ("Salud: la meta era de 1,57 millones de personas.", "1,57 millones"),
        ("Saúde: os parceiros alcançaram 5,19 milhões de pessoas.", "5,19 milhões"),
        ("Health: more than 1.4 million people were reached.", "1.4 million"),
        ("Todos los sectores: 1 de cada 4 personas con necesidades fue alcanzada.", "1 de cada 4"),
        ("Health: 318 K people were reached in Colombia and 742 K in Ecuador.", "318 K"),
        ("En el sector de Salud en la región, se alcanzó a 1 de cada 2 personas con necesidades.", "1 de cada 2"),
    ],
)
def test_need_target_reached_and_places_are_held_apart(proof: Proof, text: str, wrong: str) -> None:
    verdicts = proof.of(list(read_text(text))).set_index("number")["verdict"]
    assert verdicts[wrong] == "not borne"


@pytest.mark.parametrize(
    ("text", "is_borne"),
    [
        ("Health: 5,555,000 people were reached.", True),
        ("Health: between 4.1 million and 6.4 million people were reached.", True),
        ("Health: 6.6 million people were reached.", False),
        ("Health: 4,000,000 people were reached.", False),
        ("Health: 5,555,000 people are in need.", False),
        ("Health: 5,555 activities.", False),
    ],
)
def test_a_number_within_the_range_of_its_figure_is_borne(run: PublishedRun, text: str, *, is_borne: bool) -> None:
    is_of_health = run.rows.index.get_level_values("report") == "health"
    is_reached = is_of_health & (run.rows.index.get_level_values("figure") == "people_reached")
    assert is_reached.sum() == 1
    bounds = {"low": 4_100_000, "high": 6_400_000}
    rows = run.rows.assign(**{name: run.rows[name].mask(is_reached, str(end)) for name, end in bounds.items()})
    verdicts = Proof(replace(run, rows=rows)).of(list(read_text(text)))["verdict"]
    assert verdicts.isin(SUPPORTED_VERDICTS).all() == is_borne


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_copied_of_a_page_is_read_back(run: PublishedRun, proof: Proof, language: str) -> None:
    for report in ("health", "intersector.chile"):
        page = BeautifulSoup((run.folder / f"{report}.{language}.html").read_text("utf-8"), "html.parser")
        about = f"{page.select_one('.rmrp-footer p').get_text()} · {report}.{language}.html"
        copied = [
            f"{card.dt.get_text()}: {card.select_one('.number').get_text()} · {about}#{card['id']}"
            for card in page.select("dl > div[id]")
        ]
        assert len(copied) >= 3
        for text in copied:
            number, *shares = proof.of(list(read_text(text))).itertuples()
            figure = text.rpartition("#")[2].replace("-", "_")
            assert (number.verdict, number.report, number.figure) == ("borne", report, figure), text
            assert {(share.report, share.unit) for share in shares} <= {(report, "share")}, text
            assert {share.verdict for share in shares} <= {"borne", "derived"}, text


def test_a_number_of_an_earlier_edition_says_so(
    published: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(published.folder, folder := tmp_path / "run")
    earlier = tmp_path / "run.earlier" / "20211115093000-0a1b2c3d"
    shutil.copytree(published.folder, earlier)
    manifest = json.loads((earlier / "run.json").read_text("utf-8")) | {"ended": "2021-11-15T09:30:00+00:00"}
    (earlier / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    people = int(read_run(folder).numbers["value"].xs("people_reached", level="figure").iloc[0])
    figures = (earlier / "figures.csv").read_text("utf-8-sig")
    assert f",people_reached,,,,{people}," in figures
    before = people + 120
    changed = figures.replace(f",people_reached,,,,{people},", f",people_reached,,,,{before},")
    (earlier / "figures.csv").write_text(changed, encoding="utf-8-sig")
    document = tmp_path / "note.txt"
    document.write_text(f"Trata y tráfico\n\nSe alcanzó a {before} personas.\n", encoding="utf-8")
    assert rmrp("proof", document, "--run", folder) == 1
    assert f"of the edition of 15 November 2021; it is {people:,} now" in capsys.readouterr().out


def own_sheets(run: PublishedRun, suffix: str) -> list[Path]:
    return sorted(run.folder.glob(f"h*.??{suffix}")) + sorted(run.folder.glob(f"intersector.??{suffix}"))


@pytest.mark.parametrize("suffix", [".html", ".pdf"])
def test_the_sheets_of_the_run_bear_their_own_numbers(run: PublishedRun, suffix: str) -> None:
    chance = random.Random(f"pages {suffix}")  # noqa: S311
    numbers, accused, not_found, proofreading = 0, [], [], Proof(run, suffix)
    for path in own_sheets(run, suffix):
        document = read_passages(path.read_bytes(), path.name)
        right = proofreading.of(document)
        numbers += len(right)
        accused += right.loc[right["verdict"] == "not borne", ["number", "sentence"]].to_numpy().tolist()
        places = [(at, number) for at, number, _ in proofreading.contexts(document)]
        for row in chance.sample(range(len(places)), min(3, len(places))):  # that of a sheet to mend has none
            at, number = places[row]
            text = change_digit(document[at].text, number.start, number.end, chance)
            wrong = [*document[:at], Passage(text, document[at].place, document[at].number), *document[at + 1 :]]
            if proofreading.of(wrong)["verdict"].iloc[row] != "not borne":
                not_found.append((path.name, number.text, text))
    assert numbers > 500
    assert accused == []
    assert not_found == []


@pytest.mark.parametrize("name", ["a.docx", "a.eml", "a.pdf"])
def test_a_sheet_sent_in_another_format_is_borne(run: PublishedRun, proof: Proof, name: str) -> None:
    path = run.folder / "health.es.html"
    lines = [one.text for one in read_passages(path.read_bytes(), path.name)]
    found = proof.of(read_passages(RENDERED[name](lines), name))
    assert len(found) > 80
    assert (found["verdict"] == "not borne").mean() <= 0.02, found[found["verdict"] == "not borne"].to_string()


@pytest.mark.parametrize(
    ("text", "figure", "part"),
    [
        ("Health. Almost 1.6 million people were reached.", "people_reached", ""),
        ("Salud. Se alcanzó a 1.570.140 personas.", "people_reached", ""),
        ("Salud. Se alcanzó a 1,570,140 personas en México y otros países.", "people_reached", ""),
        ("Saúde. Foram alcançadas 1 570 140 pessoas.", "people_reached", ""),
        ("Health received $58.4m.", "funding_usd", ""),
        ("Salud recibió 58,4 millones de dólares.", "funding_usd", ""),
        ("Health in Colombia: 742 K people were reached.", "people_reached_by_platform", "Colombia"),
        ("Health: In May, 141,640 people were reached.", "people_reached_by_month", "2021-05"),
    ],
)
def test_a_number_says_where_it_stands(proof: Proof, text: str, figure: str, part: str) -> None:
    (row,) = proof.of(list(read_text(text))).itertuples()
    assert (row.verdict, row.report, row.figure, row.part) == ("borne", "health", figure, part)


@pytest.mark.parametrize(
    "text",
    [
        "Health: 742 K people were reached in Peru.",  # that is Colombia
        "Trata de Personas y Tráfico de Migrantes: se alcanzó a 1.570.140 personas.",  # that is Health
        "Health received 1,570,140 dollars.",
        "Health: 1,570,147 people were reached.",  # it is rounded
        "Health: over 1.8 million people were reached.",
    ],
)
def test_a_number_of_something_else_is_not_borne(proof: Proof, text: str) -> None:
    (row,) = proof.of(list(read_text(text))).itertuples()
    assert row.verdict == "not borne"


def test_sums_and_shares_of_named_parts_are_derived(proof: Proof) -> None:
    text = "Health: women and girls are 893,570 of the people reached, and girls are 18% of them."
    found = proof.of(list(read_text(text)))
    assert found["verdict"].to_list() == ["derived", "derived"]
    assert found["value"].round(3).to_list() == [609_940 + 283_630, round(283_630 / 1_570_140, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "On 31 December 2021, at 10:30, for the 2nd time since 2015, on page 12 of the RMRP 2021-22.",
        "El 5 y el 12 de mayo de 2021, a las 10h, según la Ley 1098, menores de 18 años.",
        "Em 3 de março, das 10h30 às 12h, a 3ª reunião; COVID-19, 5W, tel. (61) 5555-0101.",
        "1. Introduction\n\n2) Response\n\nana@example.org, https://r4v.info/2021/10, +51 1 555 0101",
        'Health: {{ people_reached }} people, {{ "33" }} of them.',
    ],
)
def test_dates_ordinals_ages_and_numbers_of_names_are_no_figures(proof: Proof, text: str) -> None:
    assert proof.of(list(read_text(text))).empty


def test_few_people_and_unknown_numbers_are_told_alike(run: PublishedRun, proof: Proof) -> None:
    rows = run.rows.xs("people_reached_by_sector", level="figure").xs("intersector.chile").reset_index()
    sectors = rows.set_index("group")["status"]
    few, not_reported = "Human Trafficking & Smuggling", "Nutrition"
    assert (sectors[few], sectors[not_reported]) == ("few", "not_reported")
    told = set()
    for sector in (few, not_reported):
        found = proof.of(list(read_text(f"All sectors in Chile\n\n{sector}: 7 people were reached.")))
        told.add(tuple(found.loc[0, ["verdict", "report", "figure", "part"]]))
    assert len(told) == 1


def test_the_command_says_what_fails(published: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = int(read_run(published.folder).numbers["value"].xs("people_reached", level="figure").iloc[0])
    document, run = tmp_path / "nota.txt", published.folder
    document.write_text(f"Trata y tráfico\n\nSe alcanzó a {people} personas.\n", encoding="utf-8")
    assert rmrp("proof", document, "--run", run) == 0
    assert 'is "People reached" of human-trafficking-and-smuggling' in capsys.readouterr().out
    document.write_text(f"Trata y tráfico\n\nSe alcanzó a {people + 1000} personas.\n", encoding="utf-8")
    assert rmrp("proof", document, "--run", run) == 1
    assert str(people + 1000) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.odt", b"", 2), ("a.docx", b"PK", 3), ("a.pdf", b"%PDF-1.7 nothing", 3), ("a.eml", b"", 3)],
)
def test_a_file_that_cannot_be_read_is_refused(
    published: Published, tmp_path: Path, name: str, content: bytes, code: int
) -> None:
    (tmp_path / name).write_bytes(content)
    assert rmrp("proof", tmp_path / name, "--run", published.folder) == code
    assert rmrp("proof", tmp_path / name, "--run", tmp_path) == 2 if code == 2 else 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_sheet_says_is_borne_by_the_claims_of_its_sentences(
    run: PublishedRun, proof: Proof, language: str
) -> None:
    found, told = [], set()
    for path in sorted(run.folder.glob(f"*.{language}.json")):
        sheet = json.loads(path.read_text(encoding="utf-8"))
        title = re.findall("<title>(.+)</title>", path.with_suffix(".html").read_text(encoding="utf-8"))
        text = [*title, *(statement["text"] for statement in sheet["statements"])]
        rows = proof.of(list(read_text("\n\n".join(text))))
        found += [(row.sentence, row.number) for row in rows.itertuples() if row.verdict == "not borne"]
        told |= set(rows["figure"])
    assert found == []
    assert {"months_left", "partners_expected"} & told  # no figure of the table: only a claim names them
