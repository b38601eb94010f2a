# Mean cumulative functions: survfit with id (Lawless & Nadeau), and with death Ghosh & Lin's formula
# in plain R, its standard error from the numerical derivative of the mean to each patient's weight,
# beside mets, whose error lacks the factor 1/(1 - dLambda); coxph for proportional rates (Lin, Wei,
# Yang & Ying); the influence that survfit gives for the comparison of two groups.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))
suppressPackageStartupMessages({
  library(survival)
  library(mets)
})

# Each patient's follow-up cut at the events: rows (id, t1, t2, ev, death).
cut_up <- function(d) {
  rows <- lapply(seq_along(d$end), function(i) {
    own <- sort(d$time[d$patient == i])
    stops <- c(own, if (!any(own == d$end[i])) d$end[i])
    k <- length(stops)
    data.frame(
      id = i, t1 = c(0, stops[-k]), t2 = stops, ev = as.numeric(stops %in% own),
      death = c(rep(0, k - 1), d$died[i]), group = d$group[i]
    )
  })
  do.call(rbind, rows)
}
step <- function(at, times, values) c(0, values)[findInterval(at, times) + 1]

# Ghosh & Lin 2000, equation (2), with the patients' weights: S(t-) the Kaplan-Meier curve.
mean_with_death <- function(d, grid, w) {
  at_risk <- sapply(grid, function(u) sum(w * (d$end >= u)))
  events <- sapply(grid, function(u) sum(w[d$patient[d$time == u]]))
  deaths <- sapply(grid, function(u) sum(w * (d$end == u & d$died == 1)))
  alive <- c(1, cumprod(1 - deaths / at_risk)[-length(grid)])
  cumsum(alive * events / at_risk)
}
se_with_death <- function(d, grid) {
  n <- length(d$end)
  h <- 1e-5
  slope <- sapply(seq_len(n), function(i) {
    up <- down <- rep(1, n)
    up[i] <- 1 + h
    down[i] <- 1 - h
    (mean_with_death(d, grid, up) - mean_with_death(d, grid, down)) / (2 * h)
  })
  sqrt(rowSums(slope^2))
}

# Times in whole numbers have many ties, of events with ends and with deaths; one event a patient
# and time, as survfit needs it.
drawn <- function(n, days, rate, dying) {
  end <- ceiling(runif(n, 0.3, 1) * days)
  frailty <- rgamma(n, 1.5, 1.5)
  group <- rep(0:1, length.out = n)
  own <- lapply(seq_len(n), function(i) {
    sample(end[i], min(end[i], rpois(1, rate * frailty[i] * end[i] * (1 + group[i]))))
  })
  list(
    time = as.numeric(unlist(own)), patient = rep(seq_len(n), lengths(own)), end = end,
    died = rbinom(n, 1, dying), group = group
  )
}
# Every time its own: mets takes those at risk at a tied time one after the other.
untied <- function(d) {
  d$time <- d$time - round(runif(length(d$time), 0.01, 0.98), 6)
  d$end <- d$end - round(runif(length(d$end), 0, 0.009), 6)
  d
}
set.seed(2000)
sets <- list(
  list(time = c(10, 40, 30), patient = c(1, 1, 2), end = c(100, 60, 80, 50),
       died = c(0, 0, 0, 0), group = c(0, 1, 0, 1)),
  list(time = c(10, 70, 50), patient = c(1, 1, 3), end = c(100, 40, 100, 60),
       died = c(0, 1, 0, 0), group = c(0, 1, 0, 1)),
  drawn(25, 30, 0.05, 0.5), drawn(60, 200, 0.01, 0.3), drawn(40, 12, 0.1, 0.8),
  untied(drawn(300, 365, 0.006, 0.4))
)
base <- function(d) {
  list(
    time = I(d$time), patient = I(d$patient - 1), end = I(d$end), died = I(d$died),
    group = I(d$group)
  )
}
plain <- list()
with_death <- list()
tests <- list()
for (k in seq_along(sets)) {
  d <- sets[[k]]
  rows <- cut_up(d)
  grid <- sort(unique(c(d$time, d$end)))
  fit <- survfit(Surv(t1, t2, ev) ~ 1, id = id, data = rows)
  if (k < 6) plain <- c(plain, list(c(base(d), list(
    at = I(grid), mean = I(step(grid, fit$time, fit$cumhaz)),
    se = I(step(grid, fit$time, fit$std.chaz))
  ))))
  # Ghosh & Lin's Q of the two curves, with each patient's influence on her group's.
  both <- lapply(0:1, function(g) {
    part <- survfit(Surv(t1, t2, ev) ~ 1, id = id, data = rows[rows$group == g, ], influence = 2)
    at_risk <- sapply(grid, function(u) sum(d$end[d$group == g] >= u))
    list(
      fit = part, at_risk = at_risk, step = diff(c(0, step(grid, part$time, part$cumhaz))),
      influence = apply(part$influence.chaz, 1, function(own) diff(c(0, step(grid, part$time, own))))
    )
  })
  y <- lapply(both, function(part) part$at_risk)
  weight <- ifelse(y[[1]] * y[[2]] > 0, y[[1]] * y[[2]] / (y[[1]] + y[[2]]), 0)
  q <- sum(weight * (both[[1]]$step - both[[2]]$step))
  variance <- sum(sapply(both, function(part) sum((weight %*% part$influence)^2)))
  tests <- c(tests, list(c(base(d), list(
    statistic = q^2 / variance, p_value = pchisq(q^2 / variance, 1, lower.tail = FALSE)
  ))))
  if (k == 1) next
  recurrent <- phreg(Surv(t1, t2, ev) ~ cluster(id), data = rows)
  death <- phreg(Surv(t1, t2, death) ~ cluster(id), data = rows)
  other <- recurrentMarginal(recurrent, death)
  with_death <- c(with_death, list(c(base(d), list(
    at = I(grid), mean = I(mean_with_death(d, grid, rep(1, length(d$end)))),
    se = if (length(d$end) < 300) I(se_with_death(d, grid)) else NULL,
    mets_mean = if (k %in% c(2, 6)) I(step(grid, other$times, other$mu)) else NULL,
    mets_se = if (k == 6) I(step(grid, other$times, other$se.mu)) else NULL
  ))))
}

# Proportional rates: the rows of the worked example, and a set with ties.
rates <- list()
worked <- data.frame(
  id = c(1, 1, 1, 2, 2, 3, 4, 4, 5, 6), t1 = c(0, 10, 40, 0, 30, 0, 0, 25, 0, 0),
  t2 = c(10, 40, 100, 30, 60, 80, 25, 50, 70, 90), ev = c(1, 1, 0, 1, 0, 0, 1, 0, 0, 0),
  group = c(1, 1, 1, 1, 1, 0, 0, 0, 0, 1)
)
for (rows in list(worked, cut_up(sets[[3]]), cut_up(sets[[4]]))) {
  for (ties in c("efron", "breslow")) {
    fit <- coxph(Surv(t1, t2, ev) ~ group, data = rows, cluster = id, ties = ties)
    rates <- c(rates, list(list(
      id = I(rows$id), time_enter = I(rows$t1), time = I(rows$t2), event = I(rows$ev),
      x = I(rows$group), ties = ties, coef = coef(fit)[[1]],
      se = sqrt(fit$naive.var[1, 1]), robust_se = sqrt(fit$var[1, 1])
    )))
  }
}
record("recurrent",
  packages = c("survival", "mets"), mean_cumulative = plain, with_death = with_death,
  comparison = tests, proportional_rates = rates
)
