# A treatment that begins later and in the sicker: R's coxph and survfit with weights, glm for the
# weights, and the E-value's formulas written out (no package of Debian's has them).
Sys.setenv(TZ = "UTC")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages(library(survival))
options(contrasts = c("contr.treatment", "contr.poly"))
exact <- coxph.control(eps = 1e-14, toler.inf = 1e-12, toler.chol = 1e-15, iter.max = 100)

# ------------------------------------------------------------ weighted Cox models and curves
set.seed(19921)
drawn <- function(n, ties, entry) {
  x <- cbind(rnorm(n), rbinom(n, 1, 0.4))
  time <- rexp(n, exp(0.5 * x[, 1] - 0.4 * x[, 2]) / 8)
  time <- if (ties) ceiling(time) else time + 0.01
  enter <- if (entry) floor(pmin(time - 0.005, runif(n, 0, 3) * rbinom(n, 1, 0.5))) * (time > 1) else rep(0, n)
  enter <- ifelse(enter >= time, 0, enter)
  data.frame(enter = enter, time = time, event = rbinom(n, 1, 0.75), a = x[, 1], b = x[, 2],
             weight = round(rexp(n) + 0.05, 3), id = sample(ceiling(n / 2), n, TRUE), s = rbinom(n, 1, 0.5))
}
sets <- list(plain = drawn(60, FALSE, FALSE), tied = drawn(80, TRUE, FALSE), late = drawn(90, TRUE, TRUE),
             equal = transform(drawn(40, TRUE, TRUE), weight = 1),
             counts = transform(drawn(50, TRUE, FALSE), weight = 1 + rbinom(50, 3, 0.5)))
cox <- list(); curves <- list()
for (name in names(sets)) for (by in c("row", "id")) for (strata in c(FALSE, TRUE)) {
  d <- sets[[name]]; d$cluster <- if (by == "row") seq_len(nrow(d)) else d$id
  f <- if (strata) Surv(enter, time, event) ~ a + b + strata(s) else Surv(enter, time, event) ~ a + b
  fit <- coxph(f, d, weights = weight, cluster = cluster, robust = TRUE, ties = "efron", control = exact)
  cox <- c(cox, list(list(set = name, time_enter = I(d$enter), time = I(d$time), event = I(d$event), a = I(d$a), b = I(d$b),
    weight = I(d$weight), cluster = I(d$cluster), stratum = if (strata) I(d$s) else NULL,
    coef = I(unname(coef(fit))), robust_se = I(unname(sqrt(diag(fit$var)))), naive_se = I(unname(sqrt(diag(fit$naive.var)))),
    robust_covariance = unname(fit$var), log_likelihood = fit$loglik[2])))
  if (strata) next
  s <- survfit(Surv(enter, time, event) ~ 1, d, weights = weight, cluster = cluster, robust = TRUE, conf.type = "log-log")
  at <- s$n.event > 0 & s$surv > 1e-9
  curves <- c(curves, list(list(set = name, time_enter = I(d$enter), time = I(d$time), event = I(d$event), weight = I(d$weight),
    cluster = I(d$cluster), at = I(s$time[at]), survival = I(s$surv[at]), se_log = I(s$std.err[at] / (if (s$logse) 1 else s$surv[at])),
    ci_low = I(s$lower[at]), ci_high = I(s$upper[at]))))
}

# ------------------------------------------------------------ a cohort: treated later, the sicker more often
set.seed(20041)
n <- 150
severe <- rbinom(n, 1, 0.4); age <- round(runif(n, 20, 85))
rows <- NULL
for (i in seq_len(n)) {
  count <- max(0.01, rnorm(1, 0.25 - 0.1 * severe[i], 0.1)); treated <- 0; started <- Inf
  for (day in 0:24) {
    infection <- rbinom(1, 1, plogis(-1.5 + severe[i] - count))
    if (!treated && runif(1) < plogis(-2.2 + 1.2 * infection - 2 * count + 0.05 * day)) { treated <- 1; started <- day }
    event <- rbinom(1, 1, plogis(-3.6 + 2.2 * count + 0.7 * treated - 0.4 * infection + 0.03 * day))
    lost <- !event && runif(1) < plogis(-4.5 + infection)
    rows <- rbind(rows, data.frame(patient = i - 1, day = day, event = event, treated = treated, start = as.integer(treated && started == day),
      count = round(count, 3), infection = infection, severe = severe[i], age = age[i], lost = as.integer(lost)))
    if (event || lost) break
    count <- min(1.5, count * exp(rnorm(1, 0.05 + 0.08 * treated, 0.15)))
  }
}
by_patient <- split(rows, rows$patient)
time <- sapply(by_patient, nrow); event <- sapply(by_patient, function(p) max(p$event)); lost <- sapply(by_patient, function(p) max(p$lost))
treated_at <- sapply(by_patient, function(p) if (any(p$start == 1)) p$day[p$start == 1] else Inf)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
product <- function(x) unlist(tapply(x, rows$patient, cumprod), use.names = FALSE)
decides <- rows$treated == 0 | rows$start == 1
alone <- glm(start ~ day + I(day^2), binomial, rows[decides, ], control = tight)
given <- glm(start ~ day + I(day^2) + count + infection + severe + age, binomial, rows[decides, ], control = tight)
factor <- rep(1, nrow(rows))
ratio <- function(y, a, b) ifelse(y == 1, a / b, (1 - a) / (1 - b))
factor[decides] <- ratio(rows$start[decides], fitted(alone), fitted(given))
weight <- product(factor)
stay <- glm(lost ~ day + I(day^2) + treated, binomial, rows, control = tight)
stay_given <- glm(lost ~ day + I(day^2) + treated + count + infection + severe + age, binomial, rows, control = tight)
kept <- (1 - fitted(stay)) / (1 - fitted(stay_given))
kept <- product(kept) / kept
limits <- quantile(weight, c(0.01, 0.99), type = 7)
truncated <- pmin(pmax(weight, limits[1]), limits[2])
model <- function(w) {
  m <- coxph(Surv(day, day + 1, event) ~ treated, rows, weights = w, cluster = patient, robust = TRUE, ties = "efron", control = exact)
  list(coef = unname(coef(m)), robust_se = unname(sqrt(m$var[1, 1])))
}
# what was known at time zero in both models of the start, and in that of the event
alone_held <- glm(start ~ day + I(day^2) + severe + age, binomial, rows[decides, ], control = tight)
factor[decides] <- ratio(rows$start[decides], fitted(alone_held), fitted(given))
held <- product(factor)
m <- coxph(Surv(day, day + 1, event) ~ treated + severe + age, rows, weights = held, cluster = patient, robust = TRUE, ties = "efron", control = exact)
held_model <- list(coef = unname(coef(m)[1]), robust_se = unname(sqrt(m$var[1, 1])))
# standardised differences within days, averaged by the starts of each day
balance <- function(x, w) {
  d <- rows[decides, ]; x <- x[decides]; w <- w[decides]; s <- d$start == 1
  gap <- NULL; k <- NULL
  for (day in unique(d$day)) { a <- s & d$day == day; b <- !s & d$day == day
    if (any(a) && any(b)) { gap <- c(gap, weighted.mean(x[a], w[a]) - weighted.mean(x[b], w[b])); k <- c(k, sum(a)) } }
  sum(gap * k) / sum(k) / sqrt((var(x[s]) + var(x[!s])) / 2)
}
covariates <- rows[, c("count", "infection", "severe", "age")]
cohort <- list(list(time = I(unname(time)), event = I(unname(event)), lost = I(unname(lost)), treated_at = I(unname(treated_at)),
  covariates = as.matrix(covariates), severe = I(severe), weight = I(weight), truncated = I(truncated), staying = I(kept),
  before = I(unname(sapply(covariates, balance, w = rep(1, nrow(rows))))), after = I(unname(sapply(covariates, balance, w = truncated))),
  untruncated_model = model(weight), truncated_model = model(truncated), with_loss_model = model(truncated * kept),
  held = I(held), held_model = held_model))

one <- data.frame(time = time, event = event, at = treated_at, severe = severe)
one$at[one$at >= one$time] <- Inf
two <- rbind(transform(one, enter = 0, stop = pmin(time, at), dead = event * (at == Inf), treated = 0)[one$at > 0, ],
             transform(one, enter = at, stop = time, dead = event, treated = 1)[is.finite(one$at), ])
later <- subset(one, time > 4); later <- transform(later, time = time - 4, treated = as.integer(at <= 4))
plain <- function(m) list(coef = unname(coef(m)[1]), se = unname(sqrt(diag(vcov(m)))[1]))
effects <- list()
for (adjusted in c(FALSE, TRUE)) {
  more <- if (adjusted) ~ . + severe else ~ .
  effects <- c(effects, list(list(adjusted = adjusted,
    ever_never = plain(coxph(update(Surv(time, event) ~ is.finite(at), more), one, control = exact)),
    time_varying = plain(coxph(update(Surv(enter, stop, dead) ~ treated, more), two, control = exact)),
    landmark = plain(coxph(update(Surv(time, event) ~ treated, more), later, control = exact)))))
}

# ------------------------------------------------------------ E-values
bound <- function(r) { r <- ifelse(r < 1, 1 / r, r); r + sqrt(r * (r - 1)) }
common <- function(h) (1 - 0.5^sqrt(h)) / (1 - 0.5^sqrt(1 / h))
e_values <- list()
for (h in list(c(0.56, 0.46, 0.69), c(3.9, 1.8, 8.7), c(0.8, 0.71, 0.91), c(1.5, 0.9, 2.5), c(0.7, 0.4, 1.2), c(1, 0.5, 2), c(12, 3, 50)))
  for (rare in c(TRUE, FALSE)) {
    r <- if (rare) h else common(h)
    limit <- if (r[2] <= 1 && r[3] >= 1) 1 else if (r[1] > 1) bound(r[2]) else bound(r[3])
    e_values <- c(e_values, list(list(ratio = I(h), is_rare = rare, risk_ratio = r[1], estimate = bound(r[1]), limit = limit)))
  }
record("causal", packages = "survival", cox = cox, curves = curves, cohort = cohort, effects = effects, e_values = e_values)
