# Rscript recovery.R: notebook 04 done again in R from nothing but the CSV files of din_synthetic,
# and written to recovery.json: for each result its key and what R has for it. `exact` are closed
# forms, `fitted` come from iterations, `curves` are step functions, `imputed` are mice's draws.
# What the report doesn't spell out is as the functions of stats/causal have it: the model of the
# start of G-CSF holds the day, linear and squared, and the weights are made of days not yet treated.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
source(file.path(here, "episodes.R"))
suppressMessages({ library(survival); library(cmprsk); library(npsurv); library(mice, warn.conflicts = FALSE) })
cohort <- read_cohort(file.path(here, "..", "..", "..", "data_dictionary", "cohorts", "din_synthetic"))
cox_control <- coxph.control(eps = 1e-14, toler.inf = 1e-12, toler.chol = 1e-15, iter.max = 100)
z <- qnorm(0.975)
covariates <- c("low_count", "infection", "age")
horizon <- 28; landmark <- 3
exact <- list(); fitted_ <- list(); curves <- list()
case <- function(key, value, low = NULL, high = NULL) Filter(Negate(is.null), list(choices = choices, key = key, value = unname(value), ci_low = unname(low), ci_high = unname(high)))
closed <- function(...) exact <<- c(exact, list(case(...)))
iterated <- function(...) fitted_ <<- c(fitted_, list(case(...)))
cox <- function(formula, data, ...) coxph(formula, data, ties = "efron", control = cox_control, ...)
ratio <- function(key, fit, term = 1, se = sqrt(diag(vcov(fit)))[term], p = NULL) {
  b <- coef(fit)[term]
  iterated(key, exp(b), exp(b - z * se), exp(b + z * se))
  if (!is.null(p)) iterated(p, 2 * pnorm(-abs(b / se)))
}

# ------------------------------------------------------------ the curve of recovery
kaplan_meier <- function(d) survfit(Surv(time, cause == 1) ~ 1, d, conf.type = "log-log")
median_of <- function(key, s) { q <- quantile(s, 0.5); closed(key, q$quantile, q$lower, q$upper) }
mean_of <- function(key, s) { m <- summary(s, rmean = horizon)$table; closed(key, m["rmean"], m["rmean"] - z * m["se(rmean)"], m["rmean"] + z * m["se(rmean)"]) }
curve <- function(key, x, y, low, high, ...) { inner <- y > 1e-9 & y < 1
  curves <<- c(curves, list(c(list(choices = choices, key = key, x = I(x[inner]), y = I(y[inner]), ci_low = I(low[inner]), ci_high = I(high[inner])), lapply(list(...), function(v) I(v[inner]))))) }
describe <- function(name, d) {
  s <- kaplan_meier(d)
  closed(paste0("km/", name, "/n/count"), nrow(d)); closed(paste0("km/", name, "/recovered/count"), sum(d$cause == 1))
  closed(paste0("km/", name, "/died/count"), sum(d$cause == 2)); closed(paste0("km/", name, "/censored/count"), sum(d$cause == 0))
  median_of(paste0("km/", name, "/median"), s); mean_of(paste0("km/", name, "/rmst"), s)
  s <- summary(s); curve(paste0("km/", name, "/curve"), s$time, s$surv, s$lower, s$upper, n_at_risk = s$n.risk, n_events = s$n.event)
}
recovery <- function(d) {
  describe("all", d); describe("yes", subset(d, low_count == 1)); describe("no", subset(d, low_count == 0))
  s <- summary(kaplan_meier(d), times = c(7, 14, 28))
  for (i in 1:3) closed(sprintf("km/all/by_day_%d/proportion", c(7, 14, 28)[i]), 1 - s$surv[i], 1 - s$upper[i], 1 - s$lower[i])
  closed("km/logrank_p_value", survdiff(Surv(time, cause == 1) ~ low_count, d)$pvalue)
}

# ------------------------------------------------------------ between two counts
npmle <- function(d) npsurv(as.matrix(d[c("left", "right")]), maxit = 1000, tol = 1e-14)$f
sun_p <- function(d) {
  # Sun's scores (1996) and the permutation variance, as Fay 1999 has them
  f <- npmle(d); survival <- 1 - cumsum(f$p); before <- c(1, head(survival, -1))
  hazard <- cumsum(ifelse(before > 1e-12, f$p / before, 0))
  at <- function(t, values, first) c(first, values)[1 + vapply(t, function(u) sum(f$right <= u + 1e-9), 0)]
  part <- function(t) ifelse(is.infinite(t), 0, -at(t, survival, 1) * at(t, hazard, 0))
  left <- at(d$left, survival, 1); right <- ifelse(is.infinite(d$right), 0, at(d$right, survival, 1))
  score <- (part(d$left) - part(d$right)) / (left - right); g <- d$low_count
  pchisq(sum(score * g)^2 / (var(score) * sum((g - mean(g))^2)), 1, lower.tail = FALSE)
}
intervals <- function(d) {
  f <- npmle(d); survival <- 1 - cumsum(f$p); half <- which(survival < 0.5)[1]
  iterated("intervals/npmle/median_low", f$left[half]); iterated("intervals/npmle/median_high", f$right[half])
  curves <<- c(curves, list(list(choices = choices, key = "intervals/npmle/lower", x = I(f$left[survival > 1e-9]), y = I(survival[survival > 1e-9]))))
  known <- d$cause == 1
  for (way in c("midpoint", "endpoint")) {
    guessed <- transform(d, time = ifelse(known, if (way == "midpoint") (left + right) / 2 else right, left))
    median_of(sprintf("intervals/%s/median", way), kaplan_meier(guessed))
    s <- summary(kaplan_meier(guessed)); curve(sprintf("intervals/%s/curve", way), s$time, s$surv, s$lower, s$upper)
  }
  q <- quantile((d$right - d$left)[known], c(0.25, 0.5, 0.75), type = 7)
  closed("intervals/width/q1", q[1]); closed("intervals/width/median", q[2]); closed("intervals/width/q3", q[3])
  iterated("intervals/score_p_value", sun_p(subset(d, !is.na(low_count))))
}

# ------------------------------------------------------------ death competes
incidence <- function(d) {
  several <- function(d) survfit(Surv(time, factor(cause, 0:2)) ~ 1, d, conf.type = "log-log")
  s <- summary(several(d), times = c(7, 14, 28))
  for (k in 1:2) for (i in 1:3) closed(sprintf("incidence/all/%s/by_day_%d/proportion", c("recovered", "died")[k], c(7, 14, 28)[i]),
    s$pstate[i, k + 1], s$lower[i, k + 1], s$upper[i, k + 1])
  drawn <- function(key, d, k) { s <- several(d); steps <- s$n.event[, k + 1] > 0
    curve(key, s$time[steps], s$pstate[steps, k + 1], s$lower[steps, k + 1], s$upper[steps, k + 1]) }
  drawn("incidence/all/recovered/curve", d, 1); drawn("incidence/all/died/curve", d, 2)
  drawn("incidence/yes/recovered/curve", subset(d, low_count == 1), 1); drawn("incidence/no/recovered/curve", subset(d, low_count == 0), 1)
  k <- !is.na(d$low_count); tests <- cuminc(d$time[k], d$cause[k], d$low_count[k])$Tests
  closed("incidence/recovered/gray_p_value", tests["1", "pv"]); closed("incidence/died/gray_p_value", tests["2", "pv"])
}

# ------------------------------------------------------------ models
models <- function(d) {
  d <- d[complete.cases(d[covariates]), ]
  fit <- coxph(Surv(time, cause == 1) ~ low_count + infection + age, d, ties = "efron", control = cox_control)
  checks <- cox.zph(fit)$table[, "p"]; influence <- residuals(fit, "dfbetas")
  gray <- crr(d$time, d$cause, d[covariates], gtol = 1e-12, maxiter = 100)
  d$low <- ifelse(d$left == 0, NA, d$left); d$high <- ifelse(is.infinite(d$right), NA, d$right)
  aft <- survreg(Surv(low, high, type = "interval2") ~ low_count + infection + age, d[!is.na(d$low) | !is.na(d$high), ], dist = "lognormal",
    control = survreg.control(rel.tolerance = 1e-13, maxiter = 200))
  closed("models/n/count", nrow(d))
  for (i in seq_along(covariates)) { name <- covariates[i]
    ratio(sprintf("models/cox/%s/hazard_ratio", name), fit, i, p = sprintf("models/cox/%s/p_value", name))
    b <- gray$coef[i]; se <- sqrt(gray$var[i, i]); iterated(sprintf("models/fine_gray/%s/subdistribution_hazard_ratio", name), exp(b), exp(b - z * se), exp(b + z * se))
    ratio(sprintf("models/aft/%s/time_ratio", name), aft, i + 1)
    iterated(sprintf("models/checks/%s/zph_p_value", name), checks[i]); iterated(sprintf("models/residuals/%s/largest_dfbeta", name), max(abs(influence[, i])))
  }
  iterated("models/checks/overall/zph_p_value", checks["GLOBAL"])
  c <- concordance(fit); closed("models/checks/concordance", c$concordance, c$concordance - z * sqrt(c$var), c$concordance + z * sqrt(c$var))
  q <- quantile(residuals(fit, "deviance"), c(0.25, 0.5, 0.75), type = 7)
  for (i in 1:3) iterated(paste0("models/residuals/deviance/", c("q1", "median", "q3")[i]), q[i])
}

# ------------------------------------------------------------ G-CSF
placed <- function(d) {
  # whoever was neutropenic at time zero and whose G-CSF has its date; begun at the end is not given
  d <- d[d$onset <= 0 & !is.na(d$start), ]
  d$start[d$start >= d$time] <- Inf
  d$event <- d$cause == 1; d$ever <- as.integer(is.finite(d$start)); d
}
split_at_start <- function(d) {
  d <- d[d$time > 0, ]; d$id <- seq_len(nrow(d)); d$from <- pmax(d$start, 0)
  cut <- tmerge(d, d, id = id, recovered = event(time, event))
  cut <- tmerge(cut, d[is.finite(d$start), ], id = id, given = tdc(from))
  cut$given[is.na(cut$given)] <- 0; cut
}
unadjusted <- function(d) list(
  ever_never = cox(Surv(time, event) ~ ever, d[d$time > 0, ]),
  time_varying = cox(Surv(tstart, tstop, recovered) ~ given, split_at_start(d)),
  landmark = cox(Surv(time, event) ~ I(start <= landmark), d[d$time > landmark, ]))
days_of <- function(d) {
  rows <- d[rep(seq_len(nrow(d)), pmax(d$time, 1)), ]
  rows$id <- rep(seq_len(nrow(d)), pmax(d$time, 1)); rows$day <- sequence(pmax(d$time, 1)) - 1
  rows <- rows[rows$time > 0, ]
  rows$recovered <- rows$event & rows$day == rows$time - 1
  rows$given <- as.integer(rows$day >= rows$start); rows$starts <- rows$day == pmax(rows$start, 0)
  rows$low_now <- as.integer(rows$very_low <= rows$day); rows$infected_now <- as.integer(rows$infected <= rows$day); rows
}
daily <- Surv(day, day + 1, recovered) ~ given + low_now + infected_now + age
weights_of <- function(rows, held = NULL) {
  tight <- glm.control(epsilon = 1e-15, maxit = 100)
  decides <- rows$given == 0 | rows$starts; at <- rows[decides, ]
  p <- function(terms) fitted(glm(reformulate(c("day", "I(day^2)", terms), "starts"), binomial, at, control = tight))
  # what is the same on all these days as at time zero stands in the model once
  is_new <- function(name) !any(vapply(held, function(h) all(at[[h]] == at[[name]]), TRUE))
  a <- p(held); b <- p(c(held, Filter(is_new, c("low_now", "infected_now", "age"))))
  factor <- rep(1, nrow(rows)); factor[decides] <- ifelse(at$starts, a / b, (1 - a) / (1 - b))
  ave(factor, rows$id, FUN = cumprod)
}
truncated <- function(w) { limits <- quantile(w, c(0.01, 0.99), type = 7); pmin(pmax(w, limits[1]), limits[2]) }
difference <- function(rows, x, w) {
  k <- rows$given == 0 | rows$starts; day <- rows$day[k]; s <- rows$starts[k]; x <- x[k]; w <- w[k]
  both <- intersect(day[s], day[!s]); n <- vapply(both, function(t) sum(s & day == t), 0)
  gap <- vapply(both, function(t) { a <- s & day == t; b <- !s & day == t; weighted.mean(x[a], w[a]) - weighted.mean(x[b], w[b]) }, 0)
  sum(gap * n) / sum(n) / sqrt((var(x[s]) + var(x[!s])) / 2)
}
e_value <- function(hr) { rr <- (1 - 0.5^sqrt(hr)) / (1 - 0.5^sqrt(1 / hr)); rr <- max(rr, 1 / rr); rr + sqrt(rr * (rr - 1)) }
gcsf <- function(d) {
  all <- placed(d); d <- all[complete.cases(all[covariates]), ]
  closed("gcsf/treated/count", sum(all$ever)); closed("gcsf/untreated/count", sum(!all$ever))
  told <- function(name, fit, ...) ratio(sprintf("gcsf/%s/hazard_ratio", name), fit, ..., p = sprintf("gcsf/%s/p_value", name))
  simple <- unadjusted(all); told("ever_never", simple$ever_never); told("time_varying", simple$time_varying)
  then <- d[d$time > landmark, ]
  told("landmark", cox(Surv(time, event) ~ I(start <= landmark) + I(very_low <= landmark) + I(infected <= landmark) + age, then))
  told("baseline", cox(Surv(tstart, tstop, recovered) ~ given + low_count + infection + age, split_at_start(d)))
  rows <- days_of(d); fit <- cox(daily, rows); told("daily", fit)
  iterated("gcsf/daily/e_value/estimate", e_value(exp(coef(fit)[1])))
  w <- weights_of(rows); cut <- truncated(w)
  weigh <- function(name, w, more = NULL) { fit <- coxph(reformulate(c("given", more), "Surv(day, day + 1, recovered)"), transform(rows, w = w), weights = w,
    cluster = id, robust = TRUE, ties = "efron", control = cox_control); told(name, fit); coef(fit)[1] }
  weigh("weighted_all", w); weigh("weighted", cut)
  held <- weigh("weighted_given", truncated(weights_of(rows, covariates)), covariates)
  iterated("gcsf/weighted_given/e_value/estimate", e_value(exp(held)))
  iterated("gcsf/weights/mean", mean(w)); iterated("gcsf/weights/maximum", max(w)); iterated("gcsf/weights/share_truncated", mean(cut != w))
  for (name in covariates) { x <- rows[[c(low_count = "low_now", infection = "infected_now", age = "age")[name]]]
    iterated(sprintf("gcsf/balance/%s/before/smd", name), difference(rows, x, rep(1, nrow(rows))))
    iterated(sprintf("gcsf/balance/%s/after/smd", name), difference(rows, x, cut)) }
}

imputation <- function(d) {
  # ages missing at random given the rest and the outcome (White & Royston 2009), by mice's pmm
  d <- placed(d); m <- 100
  d$hazard <- nelsonaalen(d, time, event)
  filled <- mice(d[c(covariates, "ever", "event", "hazard")], m = m, method = "pmm", maxit = 5, seed = 4, printFlag = FALSE)
  fits <- lapply(seq_len(m), function(i) { d$age <- complete(filled, i)$age; cox(daily, days_of(d)) })
  b <- vapply(fits, function(f) coef(f)[[1]], 0); within <- mean(vapply(fits, function(f) vcov(f)[1, 1], 0))
  list(choices = choices, key = "gcsf/imputed/hazard_ratio", log_ratio = mean(b), between = var(b), within = within, m = m)
}

criteria <- function(d) {
  groups <- list(everybody = d, met = subset(d, meets), failed = subset(d, !meets))
  for (name in names(groups)) { s <- kaplan_meier(groups[[name]])
    closed(sprintf("criteria_effect/%s/n/count", name), nrow(groups[[name]])); closed(sprintf("criteria_effect/%s/died/count", name), sum(groups[[name]]$cause == 2))
    median_of(sprintf("criteria_effect/%s/median", name), s); if (name != "failed") mean_of(sprintf("criteria_effect/%s/rmst", name), s) }
}

# ------------------------------------------------------------ as the report has it, and chosen otherwise
choices <- "default"
d <- episodes(cohort)
recovery(d); intervals(d); incidence(d); models(d); gcsf(d); criteria(d); imputed <- list(imputation(d))
for (threshold in c(0.5, 1, 1.5)) for (confirmation in c("none", "next_count")) for (time_zero in c("withdrawal", "nadir", "first_low", "admission")) {
  d <- episodes(cohort, threshold, confirmation == "next_count", time_zero)
  at <- paste(sub(".", "_", threshold, fixed = TRUE), confirmation, time_zero, sep = "/")
  median_of(sprintf("multiverse/median/%s/first_count", at), kaplan_meier(d))
  middle <- transform(d, time = ifelse(cause == 1, (left + right) / 2, left))
  median_of(sprintf("multiverse/median/%s/middle", at), kaplan_meier(middle))
  fits <- unadjusted(placed(d)); for (name in names(fits)) ratio(sprintf("multiverse/hazard_ratio/%s/%s", at, name), fits[[name]])
}
choices <- "other"
d <- episodes(cohort, 0.5, TRUE)
recovery(d); intervals(d); incidence(d); models(d); gcsf(d)
# by G-CSF: ever given in the episode or never, from time zero on, as a warning
choices <- "by_gcsf"
d <- episodes(cohort); d$start[which(d$start >= d$time)] <- Inf  # begun at the end is not given
d$low_count <- as.integer(is.finite(d$start)); incidence(d)
record("recovery", packages = c("survival", "cmprsk", "npsurv", "mice"), exact = exact, fitted = fitted_, curves = curves, imputed = imputed)
