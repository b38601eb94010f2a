"""The answer of a study: its key sentences told again, before everything that they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from incohort.results import Findings, Layout, Sentence, keys_in, renamed
from incohort.shapes.telling import Draft

MOST = 6  # sentences: what a reader takes in at once
TITLE = "The answer"


def key_results(
    draft: Draft, parts: Sequence[Findings], cautions: tuple[str, ...] = ()
) -> Findings:
    """The sentences that the parts of a study say are key results, under keys of their own.

    Args:
        draft: Takes the results, of the same study.
        parts: What the others answered, in reading order.
        cautions: What the answer can't say.
    """
    sentences = [
        _again(draft, sentence, parts)
        for part in parts
        for sentence in part.layout.sentences
        if sentence.is_key
    ]
    layout = Layout(sentences=tuple(sentences), cautions=cautions, most=MOST)
    return draft.findings("answer", TITLE, layout)


def _again(draft: Draft, sentence: Sentence, parts: Sequence[Findings]) -> Sentence:
    keys = dict.fromkeys((*keys_in(sentence.template), *sentence.needs))
    study = draft.scope.key("")
    names = {key: draft.again(f"answer/{key.removeprefix(study)}", key, parts) for key in keys}
    return replace(
        sentence,
        template=renamed(sentence.template, names),
        needs=tuple(names[key] for key in sentence.needs),
    )
