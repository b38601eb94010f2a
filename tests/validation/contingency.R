# Tables of counts. Base R: fisher.test, chisq.test, prop.trend.test; epitools for mid-P; the
# noncentral hypergeometric limits again from their definition, since fisher.test's own are solved
# no closer than 1e-4 (its uniroot's default tolerance).
suppressPackageStartupMessages(library(epitools))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

z_of <- function(level) qnorm((1 + level) / 2)

# Probabilities of the first cell given the margins and the odds ratio exp(t), on the log scale.
cells <- function(table) {
  a <- table[1, 1]
  m <- sum(table[1, ])
  n <- sum(table[2, ])
  k <- sum(table[, 1])
  support <- max(0, k - n):min(k, m)
  list(a = a, support = support, log_weight = dhyper(support, m, n, k, log = TRUE))
}
density <- function(cell, t) {
  d <- cell$log_weight + t * cell$support
  d <- exp(d - max(d))
  d / sum(d)
}
solve_for <- function(f) {
  exp(uniroot(f, c(-60, 60), tol = 1e-15, maxiter = 10000)$root)
}

# Fisher 1935 (estimate), Cornfield 1956 (limits); `share` is the weight of the table itself in
# each tail: 1 exact, 1/2 mid-P.
conditional <- function(table, level, share) {
  cell <- cells(table)
  tail <- (1 - level) / 2
  lowest <- cell$a == min(cell$support)
  highest <- cell$a == max(cell$support)
  above <- function(t) {
    d <- density(cell, t)
    sum(d[cell$support > cell$a]) + share * d[cell$support == cell$a]
  }
  below <- function(t) {
    d <- density(cell, t)
    sum(d[cell$support < cell$a]) + share * d[cell$support == cell$a]
  }
  list(
    estimate = if (lowest) 0 else if (highest) Inf
      else solve_for(function(t) sum(cell$support * density(cell, t)) - cell$a),
    ci_low = if (lowest) 0 else solve_for(function(t) above(t) - tail),
    ci_high = if (highest) Inf else solve_for(function(t) below(t) - tail)
  )
}
woolf <- function(table, level) {
  estimate <- table[1, 1] * table[2, 2] / (table[1, 2] * table[2, 1])
  if (any(table == 0)) return(list(estimate = estimate, ci_low = 0, ci_high = Inf))
  limits <- exp(log(estimate) + c(-1, 1) * z_of(level) * sqrt(sum(1 / table)))
  list(estimate = estimate, ci_low = limits[1], ci_high = limits[2])
}

square <- function(...) matrix(c(...), 2, byrow = TRUE)
twos <- list(
  square(13, 13, 3, 14),      # Kyritsi 2015: HT against all others tested
  square(14, 17, 2, 10),      # HT and GD against the rest
  square(3, 1, 1, 3),         # the lady tasting tea
  square(7, 27, 1, 33),       # Perondi 2004, as printed in Fagerland 2015
  square(2, 10, 15, 3),       # ?fisher.test: Convictions
  square(0, 5, 5, 0), square(5, 0, 0, 5), square(0, 4, 3, 6), square(4, 0, 6, 3),
  square(1, 0, 0, 1), square(1, 1, 1, 1), square(10, 0, 4, 6), square(6, 4, 0, 10),
  square(150, 850, 90, 910), square(3, 997, 12, 988), square(400, 30, 20, 500),
  square(1, 1, 1, 40)
)
odds <- list()
loose <- list()
for (table in twos) {
  for (level in c(0.9, 0.95, 0.99)) {
    for (method in c("conditional_exact", "mid_p", "sample")) {
      if (method == "sample" && table[1, 1] * table[2, 2] == 0 && table[1, 2] * table[2, 1] == 0) next
      odds <- c(odds, list(list(
        table = table, conf_level = level, method = method,
        expected = switch(method,
          conditional_exact = conditional(table, level, 1),
          mid_p = conditional(table, level, 0.5),
          sample = woolf(table, level)
        )
      )))
    }
    test <- fisher.test(table, conf.level = level)
    loose <- c(loose, list(list(
      table = table, conf_level = level, method = "conditional_exact",
      expected = list(
        estimate = unname(test$estimate), ci_low = test$conf.int[1], ci_high = test$conf.int[2]
      )
    )))
    if (min(table) > 0) {
      # Its chi-square test, not used, warns of small expected counts.
      limits <- suppressWarnings(oddsratio.midp(table, conf.level = level))$measure[2, 2:3]
      loose <- c(loose, list(list(
        table = table, conf_level = level, method = "mid_p",
        expected = list(ci_low = unname(limits[1]), ci_high = unname(limits[2]))
      )))
    }
  }
}

job <- matrix(
  c(1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11), 4, 4  # ?fisher.test: Agresti 2002, p. 57
)
larger <- list(
  rbind(c(13, 1, 0, 2, 0), c(13, 4, 6, 0, 4)),  # Kyritsi 2015: anti-PMN by thyroid disorder
  job, t(job),
  rbind(c(3, 0, 0), c(0, 3, 0), c(0, 0, 3)),
  rbind(c(1, 2, 3), c(4, 5, 6)),
  rbind(c(2, 2), c(2, 2), c(2, 2)),
  rbind(c(8, 1), c(3, 4), c(0, 9), c(5, 5)),
  rbind(c(0, 6, 1), c(7, 0, 2)),
  rbind(c(12, 7, 3, 1), c(5, 9, 8, 6), c(1, 4, 7, 11)),
  rbind(c(20, 15, 10), c(10, 15, 20)),
  matrix(1:25 %% 4, 5), matrix(0:19 %% 7, 2), matrix(0:17 %% 5, 3),
  unname(as.matrix(apply(HairEyeColor, c(2, 3), sum)[, 1:2] %/% 4)),
  unname(table(mtcars$cyl, mtcars$gear)[, ]),
  unname(table(mtcars$am, mtcars$carb)[, ])
)
fisher <- lapply(c(twos, larger), function(table) {
  list(
    table = table,
    expected = list(p_value = fisher.test(table, workspace = 2e7)$p.value)
  )
})

# Pearson's test with few expected counts warns; that is what n_expected_below_5 is for.
pearson <- function(table, continuity) {
  test <- suppressWarnings(chisq.test(table, correct = continuity))
  list(
    table = table, continuity = continuity, expected_counts = unname(test$expected),
    expected = list(
      statistic = unname(test$statistic), df = unname(test$parameter), p_value = test$p.value,
      n_expected_below_5 = sum(test$expected < 5)
    )
  )
}
# ?chisq.test: party by gender, Agresti 2007, p. 39.
party <- rbind(c(762, 327, 468), c(484, 239, 477))
chi_square <- c(
  lapply(c(twos, larger, list(party)), pearson, continuity = FALSE),
  lapply(twos, pearson, continuity = TRUE)
)

trend_case <- function(events, n, scores = NULL) {
  # Its inner anova warns of a perfect fit, as two groups always are; the F test is not used.
  test <- suppressWarnings(
    if (is.null(scores)) prop.trend.test(events, n) else prop.trend.test(events, n, scores)
  )
  list(
    events = events, n = n, scores = scores,
    expected = list(
      statistic = unname(test$statistic), df = unname(test$parameter), p_value = test$p.value
    )
  )
}
smokers <- c(83, 90, 129, 70)  # ?prop.trend.test: Fleiss 1981, p. 139
patients <- c(86, 93, 136, 82)
trend <- list(
  trend_case(smokers, patients),
  trend_case(smokers, patients, c(0, 0, 0, 1)),
  trend_case(c(0, 1, 3), c(5, 5, 5)),
  trend_case(c(5, 3, 0), c(5, 9, 4)),
  trend_case(c(1, 2), c(10, 10)),
  trend_case(c(2, 2, 2), c(4, 4, 4)),
  trend_case(c(1, 4, 9, 22), c(200, 150, 100, 50), c(0.5, 1, 1.5, 8)),
  trend_case(c(0, 0, 1), c(1, 1, 1)),
  trend_case(c(3, 0, 7), c(10, 0, 10))
)
trend <- trend[!vapply(trend, function(case) is.nan(case$expected$statistic), TRUE)]

record(
  "contingency", packages = "epitools", odds_ratio = odds, odds_ratio_of_packages = loose,
  fisher_exact = fisher, chi_square = chi_square, trend = trend
)
