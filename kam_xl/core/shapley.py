"""A change between two worlds that differ in several things, split among those things so that no order is favoured.

Worlds are numbered by what is new in them: world 5 = 0b101 has the first and the third thing new and the second old; the
last one has all new. Each thing gets the mean, over all orders in which the things may become new one by one, of what its
own step changes (L. S. Shapley, A value for n-person games, 1953): the parts sum to the change, what changes nothing gets
nothing, and to exchange old and new turns every sign.
"""

from __future__ import annotations

import numpy as np


def parts(worlds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``worlds`` × rows, NaN where unknown → things × rows, and per row what cannot be told apart, else 0.

    Only orders through worlds that are all known count; where there is none, the whole change cannot be told apart. Where
    the first or the last world is unknown there is no change in numbers, and all is NaN.
    """
    count = len(worlds).bit_length() - 1
    known = ~np.isnan(worlds)
    up, down = _ways(known, count), _ways(known[::-1], count)[::-1]
    held = np.where(known, worlds, 0.0)
    found = np.zeros((count, worlds.shape[1]))
    for thing in range(count):
        bit = 1 << thing
        for world in (one for one in range(len(worlds)) if not one & bit):
            found[thing] += up[world] * down[world | bit] * (held[world | bit] - held[world])
    orders = up[-1]
    change = worlds[-1] - worlds[0]
    told = found / np.where(orders > 0, orders, 1)
    return told + 0 * change, np.where(orders > 0, 0 * change, change)


def _ways(known: np.ndarray, count: int) -> np.ndarray:
    """In how many orders each world is reached from the first through known worlds."""
    ways = np.zeros(known.shape)
    ways[0] = known[0]
    for world in range(1, len(known)):
        below = [world ^ (1 << thing) for thing in range(count) if world & (1 << thing)]
        ways[world] = np.where(known[world], ways[below].sum(axis=0), 0)
    return ways


def in_order(count: int) -> list[int]:
    """The worlds in which so many things become new one by one in their order, from all old to all new."""
    return [(1 << step) - 1 for step in range(count + 1)]


def makes_it(worlds: np.ndarray) -> np.ndarray:
    """``worlds`` × rows of what has no parts, such as a tier: which thing makes it the new one, things becoming new in order.

    -1 where first and last world are alike; of the worlds those `in_order` count.
    """
    chain = worlds[in_order(len(worlds).bit_length() - 1)] == worlds[-1]
    return np.where(chain[0], -1, chain.argmax(axis=0) - 1)


def steps(worlds: np.ndarray) -> np.ndarray:
    """``worlds`` × rows of counts → things × rows: what each thing's becoming new changes, in order, until a row is as in the last world.

    The steps sum to the change; of the worlds those `in_order` count.
    """
    chain = worlds[in_order(len(worlds).bit_length() - 1)]
    done = np.logical_or.accumulate(chain == chain[-1], axis=0)
    return np.diff(np.where(done, chain[-1], chain), axis=0)


def first(worlds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per row the thing that `makes_it`; things × rows, whether it would do so alone; and whether it would not have come so without it."""
    count, last = len(worlds).bit_length() - 1, len(worlds) - 1
    there = worlds == worlds[-1]
    changed = ~there[0]
    alone = np.array([there[1 << thing] & changed for thing in range(count)]).reshape(count, -1)
    needed = np.array([~there[last ^ (1 << thing)] & changed for thing in range(count)]).reshape(count, -1)
    return makes_it(worlds), alone, needed
