"""The maps and months of real reports, whose texts keep clear of circles and of each other in every language."""

from itertools import combinations

import pytest
from legible import clearance
from matplotlib.transforms import Bbox

import rmrp_analysis as rmrp
from rmrp_analysis import charts
from rmrp_analysis.charts.svg_sketch import Area, Box, Disc, Label, Line, Sketch
from rmrp_analysis.plan import Plan

PERIOD = "2021-01/2021-05"
PLACES = ("region", "Caribbean", "Colombia", "Ecuador", "Peru", "Brazil", "Chile", "BOL", "ARG")


def map_of(plan: Plan, sector: str, place: str, language: str) -> charts.Drawing:
    page = rmrp.Page(plan.select(sector, place=place, period=PERIOD), language=language)
    return charts.drawing_of(charts.circles_map(page.table("people_reached", page.place), values=3))


def sketch_of(drawing: charts.Drawing) -> Sketch:
    return drawing.sketch(*drawing.size_mm)


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("sector", ["Health", "Intersector"])
@pytest.mark.parametrize("place", PLACES)
def test_texts_of_a_real_map_keep_clear(real: Plan, sector: str, place: str, language: str) -> None:
    sketch = sketch_of(map_of(real, sector, place, language))
    labels = [mark for mark in sketch.marks if isinstance(mark, Label)]
    texts = {label.words: Bbox.from_extents(*sketch.label_box_mm(label)) for label in labels}
    discs = [mark for mark in sketch.marks if isinstance(mark, Disc)]
    frames = [Bbox.from_extents(*sketch.rectangle_box_mm(mark)) for mark in sketch.marks if isinstance(mark, Box)]
    assert discs
    assert [(one, other) for (one, a), (other, b) in combinations(texts.items(), 2) if a.fully_overlaps(b)] == []
    assert [
        text for text, box in texts.items() if any(clearance(box, disc.x, disc.y, disc.radius) < 0 for disc in discs)
    ] == []
    assert [text for text, box in texts.items() if any(box.fully_overlaps(frame) for frame in frames)] == []
    assert [text for text, box in texts.items() if box.x0 < 0 or box.x1 > sketch.width_mm] == []
    dashed = [mark.path.vertices for mark in sketch.marks if isinstance(mark, Area) and mark.look.dashes]
    assert [text for text, box in texts.items() if any(map(box.count_contains, dashed))] == []


@pytest.mark.parametrize("place", PLACES)
def test_a_real_map_marks_the_places_that_have_people_and_nothing_else(real: Plan, place: str) -> None:
    drawing = map_of(real, "Intersector", place, "en")
    marks = sketch_of(drawing).marks
    tips = [mark.tip for mark in marks if isinstance(mark, Disc) and mark.tip]
    table = drawing.table
    on_map = table[[charts.is_on_map(str(key), place) for key in table.index]]
    assert len({*tips}) == int(((on_map["value"] > 0) | (on_map["status"] == "few")).sum())
    assert [mark for mark in marks if isinstance(mark, Line) and len(mark.points) > 2] == []  # no rings
    few = (on_map["status"] == "few").any()
    assert few == any(isinstance(mark, Label) and mark.words == "<\u202f10" for mark in marks)


def test_a_real_map_of_places_with_nobody_is_none(real: Plan) -> None:
    assert map_of(real, "Nutrition", "URY", "en").parts == []


@pytest.mark.parametrize(("language", "words"), [("en", "not yet"), ("es", "aún sin"), ("pt", "ainda sem")])
def test_a_last_month_that_nobody_has_real_is_outlined_and_says_so(real: Plan, language: str, words: str) -> None:
    page = rmrp.Page(real.select("Health", place="BOL", period=PERIOD), language=language)
    sketch = sketch_of(charts.drawing_of(charts.months(page.table("people_reached", "month"))))
    boxes = [mark for mark in sketch.marks if isinstance(mark, Box)]
    assert [bool(box.look.fill) for box in boxes] == [True, True, True, True, False]
    assert [mark.words for mark in sketch.marks if isinstance(mark, Label) and mark.style == "italic"][-1] == words
