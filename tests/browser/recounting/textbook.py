"""Textbook formulas in plain Python, for counting again what a report shows."""

from __future__ import annotations

import math
from collections.abc import Iterator

Pair = tuple[float, float]


def quantile(ordered: list[float], share: float) -> float:
    """Linear between order statistics (Hyndman and Fan's type 7)."""
    position = (len(ordered) - 1) * share
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def ranks(values: list[float]) -> list[float]:
    """Ranks from 1; ties share their mean."""
    return [
        sum(other < value for other in values) + (values.count(value) + 1) / 2 for value in values
    ]


def pearson(pairs: list[Pair]) -> float:
    """The product-moment correlation."""
    n = len(pairs)
    mean_x, mean_y = (math.fsum(side) / n for side in zip(*pairs, strict=True))
    sxy = math.fsum((x - mean_x) * (y - mean_y) for x, y in pairs)
    sxx = math.fsum((x - mean_x) ** 2 for x, _ in pairs)
    syy = math.fsum((y - mean_y) ** 2 for _, y in pairs)
    return sxy / math.sqrt(sxx * syy)


def p_of_r(r: float, n: int) -> float:
    """Two-sided P of a correlation, by Student's t with n − 2 degrees of freedom.

    For whole degrees of freedom the integral is a finite sum (Abramowitz and Stegun 26.7.3, .4).

    >>> f"{p_of_r(0.632, 10):.3f} {p_of_r(0.602, 11):.3f}"  # critical values at 5 % in any table
    '0.050 0.050'
    """
    df = n - 2
    theta = math.atan(abs(r) / math.sqrt(1 - r * r))  # t / √df
    cosine, sine = math.cos(theta), math.sin(theta)
    if df % 2:
        term, total = cosine, 0.0
        for step in range(1, (df - 1) // 2 + 1):
            total += term
            term *= cosine * cosine * 2 * step / (2 * step + 1)
        inside = 2 / math.pi * (theta + sine * total)
    else:
        term, total = 1.0, 0.0
        for step in range(1, df // 2 + 1):
            total += term
            term *= cosine * cosine * (2 * step - 1) / (2 * step)
        inside = sine * total
    return 1 - inside


def exact_p(table: list[list[int]]) -> float:
    """Fisher's exact P of an r × 2 table: all tables as likely as it or less (Freeman–Halton).

    >>> exact_p([[3, 1], [1, 3]]) == 34 / 70  # the lady tasting tea
    True
    """
    sizes = [sum(row) for row in table]
    events = sum(row[0] for row in table)

    def ways(firsts: list[int]) -> int:
        return math.prod(math.comb(n, k) for n, k in zip(sizes, firsts, strict=True))

    observed = ways([row[0] for row in table])
    as_extreme = sum(w for w in map(ways, splits(events, sizes)) if w <= observed)
    return as_extreme / math.comb(sum(sizes), events)


def splits(total: int, sizes: list[int]) -> Iterator[list[int]]:
    """Every way to spread `total` events over groups of these sizes."""
    if len(sizes) == 1:
        if total <= sizes[0]:
            yield [total]
        return
    for first in range(min(total, sizes[0]) + 1):
        for rest in splits(total - first, sizes[1:]):
            yield [first, *rest]


def conditional_odds_ratio(a: int, b: int, c: int, d: int) -> float:
    """The odds ratio under which the expected first cell, margins fixed, is the observed one."""
    cells = range(max(0, a - d), min(a + b, a + c) + 1)

    def expected(log_ratio: float) -> float:
        weights = [
            math.comb(a + b, k) * math.comb(c + d, a + c - k) * math.exp(log_ratio * (k - a))
            for k in cells
        ]
        return sum(k * w for k, w in zip(cells, weights, strict=True)) / sum(weights)

    low, high = -20.0, 20.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if expected(middle) < a else (low, middle)
    return math.exp((low + high) / 2)


def rank_sum_p(found: list[float], others: list[float]) -> float:
    """Two-sided exact P of Mann–Whitney's U without ties, by counting all orders.

    >>> rank_sum_p([4, 5, 6], [1, 2, 3]) == 2 / 20  # one order of 20 is as extreme, either way
    True
    """
    u = sum(x > y for x in found for y in others)
    m, n = len(found), len(others)
    # ways[j][s]: how many choices of j ranks exceed their lowest possible sum by s
    ways = [[1] + [0] * (m * n)] + [[0] * (m * n + 1) for _ in range(m)]
    for rank in range(1, m + n + 1):
        for size in range(min(rank, m), 0, -1):
            shift = rank - size
            for excess in range(m * n, shift - 1, -1):
                ways[size][excess] += ways[size - 1][excess - shift]
    tail = min(sum(ways[m][: u + 1]), sum(ways[m][u:]))
    return min(1.0, 2 * tail / math.comb(m + n, m))


def rank_sum_p_with_ties(found: list[float], others: list[float]) -> float:
    """Two-sided P of U by the normal curve, corrected for ties and continuity."""
    m, n = len(found), len(others)
    both = found + others
    u = sum((x > y) + (x == y) / 2 for x in found for y in others)
    ties = sum(both.count(value) ** 2 - 1 for value in both)  # Σ (t³ − t), value by value
    spread = math.sqrt(m * n / 12 * (m + n + 1 - ties / ((m + n) * (m + n - 1))))
    z = (abs(u - m * n / 2) - 0.5) / spread
    return min(1.0, math.erfc(z / math.sqrt(2)))


def logistic(outcome: list[int], rows: list[list[float]]) -> list[tuple[float, float]] | None:
    """Odds ratio and Wald P of each covariate, by Newton's steps; None without a maximum."""
    design = [[1.0, *row] for row in rows]
    k = len(design[0])
    beta = [0.0] * k
    for _ in range(60):
        fitted = [
            1 / (1 + math.exp(-sum(map(math.prod, zip(beta, x, strict=True))))) for x in design
        ]
        score = [
            math.fsum((y - p) * x[i] for y, p, x in zip(outcome, fitted, design, strict=True))
            for i in range(k)
        ]
        information = [
            [math.fsum(p * (1 - p) * x[i] * x[j] for p, x in zip(fitted, design, strict=True))
             for j in range(k)]
            for i in range(k)
        ]  # fmt: skip
        step = solved([[*row, gain] for row, gain in zip(information, score, strict=True)])
        if step is None:
            return None
        beta = [b + s for b, s in zip(beta, step, strict=True)]
        if max(map(abs, beta)) > 15:
            return None
        if max(map(abs, step)) < 1e-12:
            break
    answers = []
    for i in range(1, k):
        unit = [1.0 if i == j else 0.0 for j in range(k)]
        column = solved([[*row, one] for row, one in zip(information, unit, strict=True)])
        z = beta[i] / math.sqrt(column[i])
        answers.append((math.exp(beta[i]), math.erfc(abs(z) / math.sqrt(2))))
    return answers


def smd(x: list[float], y: list[float]) -> float | None:
    """The absolute standardised difference of two means; None without spread or values."""
    if min(len(x), len(y)) < 2:
        return None
    means = [math.fsum(values) / len(values) for values in (x, y)]
    variances = [
        math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
        for values, mean in zip((x, y), means, strict=True)
    ]
    pooled = sum(variances) / 2
    return abs(means[0] - means[1]) / math.sqrt(pooled) if pooled else None


def smd_of_shares(counts_1: list[int], counts_2: list[int]) -> float | None:
    """The Mahalanobis distance of two sets of shares; None where it has no bound."""
    n_1, n_2 = sum(counts_1), sum(counts_2)
    if not n_1 or not n_2:
        return None
    shares = [(a / n_1, b / n_2) for a, b in zip(counts_1, counts_2, strict=True) if a + b][1:]
    if not shares:
        return None
    rows = [
        [
            ((p if i == j else 0) - p * shares[j][0] + (q if i == j else 0) - q * shares[j][1]) / 2
            for j in range(len(shares))
        ]
        + [p - q]
        for i, (p, q) in enumerate(shares)
    ]
    gap = [p - q for p, q in shares]
    solution = solved(rows)
    return solution and math.sqrt(math.fsum(a * b for a, b in zip(gap, solution, strict=True)))


def solved(rows: list[list[float]]) -> list[float] | None:
    """The solution of linear equations (right side last), by elimination; None if singular."""
    n = len(rows)
    for column in range(n):
        pivot = max(range(column, n), key=lambda row: abs(rows[row][column]))
        if abs(rows[pivot][column]) < 1e-12:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(n):
            if row != column:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    return [rows[i][n] / rows[i][i] for i in range(n)]
