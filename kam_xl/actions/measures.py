"""How the work stands to its targets, and how many customers are in each stage of their life."""

from __future__ import annotations

import pandas as pd

from kam_xl.actions import result_sheets, results
from kam_xl.actions.request import Request
from kam_xl.core.sections import STAGES
from kam_xl.showing import vocabulary
from kam_xl.showing.telling import rank
from kam_xl.showing.vocabulary import Vocabulary

_RESULTS = ("bad", "watch", "good", "none")
_KPIS = "kpis.verdict indicator kpis.period kpis.tier said"
_LIFE = "lifecycle customers share"


def measures(request: Request) -> str:
    """Every indicator beside its target in a sentence, what misses it first; then the customers by stage."""
    assessed, words = request.customers(), request.words
    kpis = assessed.kpis[assessed.kpis["team"].isna()]  # a workbook is one team's
    counts = kpis["verdict"].value_counts().reindex(list(_RESULTS), fill_value=0)
    sentence = words("message.measured", n=len(kpis), **{result: int(counts[result]) for result in _RESULTS})
    kpis = kpis.assign(_rank=rank(kpis["verdict"], _RESULTS)).sort_values("_rank", kind="stable")
    plain = Vocabulary(vocabulary.stages(words).names)  # a stage nobody is in alarms nobody
    blocks = [
        results.block(request, kpis, _KPIS, words("result.kpis")),
        results.block(
            request, _stages(assessed.customers["lifecycle"]), _LIFE, words("result.life"), {"lifecycle": plain}
        ),
    ]
    result_sheets.show(request.book, results.page(request, "measures", sentence, blocks), words)
    return sentence


def _stages(lifecycle: pd.Series) -> pd.DataFrame:
    """How many customers are in each stage, and in none that is known."""
    counts = lifecycle.value_counts().reindex(list(STAGES), fill_value=0)
    table = pd.DataFrame({"lifecycle": pd.Series(STAGES, dtype="str"), "customers": counts.to_numpy("float64")})
    if unknown := int(lifecycle.isna().sum()):
        table = pd.concat(
            [table, pd.DataFrame({"lifecycle": [None], "customers": [float(unknown)]})], ignore_index=True
        )
    table = table.astype({"lifecycle": "str"})
    return table.assign(share=table["customers"] / len(lifecycle))
