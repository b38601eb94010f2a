# Rscript competing.R: writes data/*.csv and competing.json beside this file.
# survival's mgus2 and pbc (LGPL), the columns that the tests use, and sets made by hand: `tied` has
# three causes, most times shared, the last an event; `late` has delayed entry; `whole` ends with
# everybody having had the first cause or the second.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages({ library(survival); library(cmprsk); library(etm) })

write_data <- function(d, name) write.csv(lapply(d, function(v) sprintf("%.15g", v)), file.path(here, "data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
mgus <- data.frame(time = with(mgus2, ifelse(pstat == 0, futime, ptime)), cause = with(mgus2, ifelse(pstat == 0, 2 * death, 1)),
  male = as.integer(mgus2$sex == "M"), age = mgus2$age, hgb = mgus2$hgb, creat = mgus2$creat, mspike = mgus2$mspike)
mgus <- mgus[complete.cases(mgus), ]
mgus$decade <- mgus$age %/% 10 %/% 2  # 20 years wide
mgus$untied <- mgus$time + seq_len(nrow(mgus)) * 1e-4
bile <- data.frame(time = pbc$time, cause = pbc$status, age = pbc$age, female = as.integer(pbc$sex == "f"), logbili = log(pbc$bili), albumin = pbc$albumin, edema = pbc$edema)
tied <- data.frame(time = c(1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 5, 6, 7, 7, 8), cause = c(1, 2, 0, 1, 1, 3, 0, 2, 2, 0, 1, 0, 3, 1, 2, 0, 0, 1, 1, 2),
  x = c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4), z = c(0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0), group = rep(1:3, length.out = 20))
late <- data.frame(enter = c(0, 0, 2, 3, 5, 5, 6, 9, 9, 10), time = c(2, 3, 5, 7, 8, 9, 9, 12, 14, 15), cause = c(1, 0, 2, 1, 0, 1, 2, 1, 2, 0))
whole <- data.frame(time = c(1, 1, 2, 3, 3, 5), cause = c(1, 2, 1, 1, 1, 2))
entered <- data.frame(enter = floor(mgus$time * (seq_len(nrow(mgus)) * 7) %% 10 / 12), time = mgus$time, cause = mgus$cause)[mgus$time > 0, ]
sets <- list(entered = entered, mgus = mgus, bile = bile, tied = tied, late = late, whole = whole)
for (name in names(sets)) write_data(sets[[name]], name)

# ---------------------------------------------------------------- Aalen-Johansen: survfit
# With delayed entry survfit's infinitesimal jackknife is not Greenwood's variance; etm has that.
curves <- list()
for (name in setdiff(names(sets), c("late", "entered"))) {
  d <- sets[[name]]; d$state <- factor(d$cause, 0:max(d$cause)); d$id <- seq_len(nrow(d))
  fit <- function(type) survfit(Surv(time, state) ~ 1, d, id = id, conf.type = type)
  f <- fit("log"); limits <- lapply(list(`log` = "log", `log-log` = "log-log", plain = "plain"), fit)
  for (k in seq_len(max(d$cause))) {
    j <- which(f$states == as.character(k))
    curves <- c(curves, list(c(list(set = name, cause = k, time = I(f$time), n_at_risk = I(f$n.risk[, 1]), n_events = I(f$n.event[, j]), cumulative_incidence = I(f$pstate[, j]), se = I(f$std.err[, j])),
      lapply(limits, function(g) list(ci_low = I(g$lower[, j]), ci_high = I(g$upper[, j]))))))
  }
}

delayed <- list()
for (name in c("late", "entered")) {
  d <- sets[[name]]; d <- data.frame(id = seq_len(nrow(d)), from = 0, to = ifelse(d$cause == 0, "cens", as.character(d$cause)), entry = d$enter, exit = d$time)
  possible <- matrix(FALSE, 3, 3); possible[1, 2:3] <- TRUE
  f <- etm(d, c("0", "1", "2"), possible, "cens", 0)
  for (k in 1:2) { at <- f$time[f$time %in% d$exit]; j <- match(at, f$time)
    delayed <- c(delayed, list(list(set = name, cause = k, time = I(at), cumulative_incidence = I(unname(trprob(f, paste(0, k), at))), se = I(unname(sqrt(trcov(f, paste(0, k), at))))))) } }

# ---------------------------------------------------------------- cuminc: variance of Gray, and his test
variances <- list()
for (name in c("mgus", "bile", "tied", "whole")) { d <- sets[[name]]; o <- cuminc(d$time, d$cause)
  for (k in sort(unique(d$cause[d$cause > 0]))) { at <- sort(unique(d$time[d$cause == k])); p <- timepoints(o[paste(1, k)], at)
    variances <- c(variances, list(list(set = name, cause = k, time = I(at), cumulative_incidence = I(as.vector(p$est)), variance = I(as.vector(p$var))))) } }
tests <- list()
gray <- function(name, group, rho = 0, stratum = NULL) { d <- sets[[name]]
  o <- if (is.null(stratum)) cuminc(d$time, d$cause, d[[group]], rho = rho) else cuminc(d$time, d$cause, d[[group]], d[[stratum]], rho = rho)
  for (k in rownames(o$Tests)) tests <<- c(tests, list(list(set = name, group = group, stratum = if (is.null(stratum)) "" else stratum, rho = rho, cause = as.integer(k), statistic = o$Tests[k, "stat"], df = o$Tests[k, "df"], p_value = o$Tests[k, "pv"]))) }
for (rho in c(0, 1, -0.5)) { gray("mgus", "male", rho); gray("mgus", "decade", rho); gray("mgus", "male", rho, "decade"); gray("tied", "group", rho); gray("tied", "z", rho, "group"); gray("bile", "edema", rho) }

# ---------------------------------------------------------------- Fine-Gray: crr, and finegray() where nothing is tied
models <- list()
model <- function(name, covariates, k) { d <- sets[[name]]; x <- as.matrix(d[, covariates])
  f <- crr(d$time, d$cause, x, failcode = k, gtol = 1e-12, maxiter = 50); if (!f$converged) stop(name)
  at <- apply(x, 2, function(v) v[order(v)[ceiling(length(v) / 3)]])
  p <- predict(f, at)
  models <<- c(models, list(list(set = name, covariates = I(covariates), cause = k, coef = I(as.vector(f$coef)), se = I(sqrt(diag(f$invinf))), robust_se = I(sqrt(diag(f$var))), covariance = f$var,
    log_likelihood = f$loglik, null_log_likelihood = f$loglik.null, time = I(f$uftime), hazard = I(f$bfitj), at = I(unname(at)), predicted = I(p[, 2])))) }
for (k in 1:2) { model("mgus", c("age", "male", "hgb", "creat", "mspike"), k); model("bile", c("age", "female", "logbili", "albumin"), k); model("tied", c("x", "z"), k) }
untied <- list()
for (k in 1:2) { w <- finegray(Surv(untied, factor(cause, 0:2)) ~ age + male + mspike, mgus, etype = as.character(k))
  f <- coxph(Surv(fgstart, fgstop, fgstatus) ~ age + male + mspike, w, weights = fgwt, ties = "breslow", control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50))
  untied <- c(untied, list(list(cause = k, coef = I(unname(coef(f))), se = I(unname(sqrt(diag(f$naive.var)))), log_likelihood = f$loglik[2]))) }
# Rows in clusters of three; `whole` are those whose follow-up ended with a cause, so that no weight is estimated.
clustered <- list()
for (k in 1:2) for (part in c("all", "whole")) { d <- mgus; d$family <- seq_len(nrow(d)) %/% 3; if (part == "whole") d <- d[d$cause > 0, ]
  w <- finegray(Surv(untied, factor(cause, 0:2)) ~ age + male + mspike + family, d, etype = as.character(k))
  f <- coxph(Surv(fgstart, fgstop, fgstatus) ~ age + male + mspike, w, weights = fgwt, cluster = family, ties = "breslow", control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50))
  clustered <- c(clustered, list(list(part = part, cause = k, coef = I(unname(coef(f))), covariance = unname(f$var)))) }
cause_specific <- list()
for (k in 1:2) { f <- coxph(Surv(time, cause == k) ~ age + male + mspike, mgus, control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50))
  cause_specific <- c(cause_specific, list(list(cause = k, coef = I(unname(coef(f))), se = I(unname(sqrt(diag(f$var))))))) }

record("competing", packages = c("survival", "cmprsk", "etm"), aalen_johansen = curves, delayed_entry = delayed, cuminc = variances, gray_test = tests, fine_gray = models, finegray_untied = untied, finegray_clustered = clustered, cause_specific = cause_specific)
