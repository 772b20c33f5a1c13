"""Products × customers: who buys what, and what similar customers buy that this one does not yet (S0, handbook §8)."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict

import numpy as np
import pandas as pd

from kam_xl.core import deals, frames
from kam_xl.core.entries import is_nothing, split_list
from kam_xl.core.policy import Policy
from kam_xl.core.texts import folded, folded_all, narrow

WHITESPACE = frames.ASSESSMENT["whitespace"]
#: Whom a customer is compared with, the nearest first: its tier and industry, its tier, everybody.
BASES = ("tier_industry", "tier", "all")
BUYS, OFFERED, PROPOSED = "buys", "offered", "proposed"  # the cells of the grid


def counts(products: pd.Series) -> pd.Series:
    """How many products a customer buys, from its list as typed; unknown where none is written down."""
    number = {text: float(len(_items(text))) or np.nan for text in products.dropna().unique()}
    return products.map(number).astype("float64")


def proposals(customers: pd.DataFrame, renewals: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The likeliest products to sell next to each customer (`WHITESPACE`), by customer, the likeliest first.

    ``similar`` are the other customers of the nearest basis (`BASES`) with enough of them whose products are known,
    ``buyers`` those of them who buy the product, ``share`` is buyers / similar. A product that stands in an open
    opportunity or trial is marked ``open`` and has no rank. A customer whose own products are unknown gets none.
    """
    pairs, deals = bought(customers), offered(customers, renewals)
    products = pd.Index(pd.concat([pairs["product"], deals["product"]]).unique())
    known = customers[counts(customers["products"]).notna()].reset_index(drop=True)
    groups = _groups(known)
    sizes = groups.apply(lambda group: group.map(group.value_counts()) - 1)
    basis = _nearest(sizes, policy.plan.similar_at_least)
    found = known[["customer_id", "name", "computed_tier"]].assign(basis=basis)
    found["similar"] = _chosen(sizes, basis).astype("float64")
    found["group"] = _chosen(groups, basis)
    found = found[found["basis"].notna()]
    if found.empty:
        return frames.empty(WHITESPACE)
    found = found.merge(_popular(pairs, known["customer_id"], groups, policy), on="group")
    found["share"] = found["buyers"] / found["similar"]
    owned, open_deal = (_in(found, frame, known["customer_id"], products) for frame in (pairs, deals))
    found = found.assign(open=open_deal)[~owned & (found["share"] >= policy.plan.share_at_least)]
    found = found.sort_values(["customer_id", "share", "product"], ascending=[True, False, True], ignore_index=True)
    place = (~found["open"]).astype("float64").groupby(found["customer_id"]).cumsum()
    found["rank"] = place.mask(found["open"])
    found = found[found["open"] | (found["rank"] <= policy.plan.proposals)]
    return frames.typed(found.reset_index(drop=True), WHITESPACE)


def grid(customers: pd.DataFrame, renewals: pd.DataFrame, proposed: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The close tiers' customers × the products most bought: customer_id, name, computed_tier, a column a product.

    A cell is `BUYS`, `OFFERED` (in an open opportunity or trial), `PROPOSED` or unknown, which is the white space.
    """
    pairs = bought(customers)
    rows = customers[customers["computed_tier"].isin(policy.plan.close_tiers)][["customer_id", "name", "computed_tier"]]
    counts = pairs["product"].value_counts().rename_axis("product").reset_index()
    popular = counts.sort_values(["count", "product"], ascending=[False, True])["product"]
    free = ~popular.isin(rows.columns)  # a product may be called what a column is
    shown = popular[free].head(policy.plan.grid_products).tolist()
    states = [
        pairs.assign(state=BUYS),
        offered(customers, renewals).assign(state=OFFERED),
        proposed.loc[~proposed["open"], ["customer_id", "product"]].assign(state=PROPOSED),
    ]
    every = pd.concat(states).drop_duplicates(["customer_id", "product"])
    every = every[every["product"].isin(shown)]
    wide = every.pivot(index="customer_id", columns="product", values="state").reindex(columns=shown)
    return rows.join(wide.astype("str"), on="customer_id").reset_index(drop=True)


# --- who buys what -----------------------------------------------------------------------------------------------


def bought(customers: pd.DataFrame) -> pd.DataFrame:
    """Who buys what: customer_id and product, each once; a product is named as most people type it."""
    return _pairs(customers["customer_id"], customers["products"], _spelling(customers["products"]))


def offered(customers: pd.DataFrame, renewals: pd.DataFrame) -> pd.DataFrame:
    """The products of open opportunities and trials: customer_id and product, named as `bought` names them."""
    rows = renewals[renewals["kind"].isin(["opportunity", "trial"]) & deals.is_open(renewals["stage"])]
    names = _spelling(rows["product"]) | _spelling(customers["products"])
    return _pairs(rows["customer_id"], rows["product"], names)


def _pairs(customer_id: pd.Series, texts: pd.Series, names: dict[str, str]) -> pd.DataFrame:
    items = {text: [names[item] for item in _items(text)] for text in texts.dropna().unique()}
    each = texts.map(items).explode().dropna()
    pairs = pd.DataFrame({"customer_id": customer_id.loc[each.index].array, "product": each.array})
    return pairs.astype("str").drop_duplicates(ignore_index=True)


def _spelling(texts: pd.Series) -> dict[str, str]:
    """Folded name → the way most cells spell it, the first in order where several are as common."""
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    for text, times in texts.value_counts().items():
        for name, item in _items(text).items():
            spelt[name][item] += times
    return {name: min(ways, key=lambda way: (-ways[way], way)) for name, ways in spelt.items()}


@functools.lru_cache(maxsize=65536)
def _items(text: str) -> dict[str, str]:
    """Folded name → name as typed of each product in a list cell; a word for nothing is none."""
    typed = [narrow(item) for item in split_list(text)]
    return {folded(item): item for item in typed if not is_nothing(item)}


# --- whom a customer is like ---------------------------------------------------------------------------------------


def _groups(customers: pd.DataFrame) -> pd.DataFrame:
    """The customer's group on every basis, named so that no two bases share a name; unknown where a part is."""
    tier, codes = customers["computed_tier"], pd.factorize(folded_all(customers["industry"]))[0]
    industry = pd.Series(codes, index=customers.index).astype("str").where(codes >= 0)
    everybody = pd.Series("", index=customers.index, dtype="str")
    return pd.DataFrame(dict(zip(BASES, (tier + "|" + industry, tier, everybody), strict=True)))


def _nearest(sizes: pd.DataFrame, least: int) -> pd.Series:
    """The first basis on which enough others are similar; unknown where none is."""
    enough = (sizes >= least).fillna(False).astype(bool)
    first = pd.Series(np.array(BASES)[enough.to_numpy().argmax(axis=1)], index=sizes.index, dtype="str")
    return first.where(enough.any(axis=1))


def _chosen(frame: pd.DataFrame, basis: pd.Series) -> pd.Series:
    """The value of each row's own basis."""
    found = frame[BASES[0]].astype("object")
    for name in BASES[1:]:
        found = found.where(basis != name, frame[name].astype("object"))
    return found


def _popular(pairs: pd.DataFrame, customer_id: pd.Series, groups: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """group, product, buyers: the products most bought in each group, as many as could matter to any customer of it.

    None that too few of the group buy to be proposed, so that one customer with a thousand products does not make a
    thousand rows of every other.
    """
    most = int(pairs["customer_id"].value_counts().max())
    tables = []
    by_customer = groups.set_index(customer_id.to_numpy())
    for name in BASES:
        own = pairs.assign(group=pairs["customer_id"].map(by_customer[name]).array)
        bought_by = own.groupby(["group", "product"], as_index=False, observed=True).size()
        others = bought_by["group"].map(by_customer[name].value_counts()).astype("float64") - 1
        tables.append(bought_by[bought_by["size"] / others >= policy.plan.share_at_least])
    table = pd.concat(tables).rename(columns={"size": "buyers"})
    table = table.sort_values(["group", "buyers", "product"], ascending=[True, False, True])
    return table[table.groupby("group").cumcount() < most + policy.plan.proposals]


def _in(rows: pd.DataFrame, pairs: pd.DataFrame, customer_id: pd.Series, products: pd.Index) -> np.ndarray:
    """True for the rows whose customer and product are one of the pairs."""
    index = pd.Index(customer_id)
    here, there = (
        index.get_indexer(pd.Index(frame["customer_id"])) * len(products)
        + products.get_indexer(pd.Index(frame["product"]))
        for frame in (rows, pairs)
    )
    return np.isin(here, there)  # a stranger's pairs count below zero
