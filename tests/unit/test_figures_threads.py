"""Figures drawn for several reports at a time are those that are drawn one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from incohort.figures import figure_html
from incohort.results import Estimate, Figure, FigureKind, Findings, Measure, Series


def flow(number: int) -> tuple[Figure, Findings]:
    """A flow of patients with words of its own, and letters that no figure had before."""
    word = f"Step {number} {chr(0x391 + number)}{chr(0x410 + number)}"
    results = tuple(
        Estimate(
            key=f"a{number}/{name}", label=f"{word} {name}", measure=Measure.COUNT, value=value
        )
        for name, value in (("in", 9.0), ("left", 4.0), ("out", 5.0))
    )
    keys = [result.key for result in results]
    figure = Figure(
        key=f"a{number}/figure", kind=FigureKind.FLOW, caption=word, alt=word,
        series=(Series("Included", (keys[0], keys[1])), Series("Left out", (keys[2],))),
    )  # fmt: skip
    return figure, Findings(name=f"a{number}", title=word, results=results)


def test_threads_draw_what_one_draws():
    """What measures letters can't do it for two threads at once; ours waits its turn."""
    asked = [flow(number) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda one: figure_html(*one), asked * 3))
    alone = [figure_html(*one) for one in asked]

    assert together == alone * 3
