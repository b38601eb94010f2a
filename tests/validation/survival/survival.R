# Rscript survival.R: writes data/*.csv and *.json beside this file, at full precision (results with 13 digits).
# The data sets are those of R's survival package (LGPL), the columns that the tests use, and
# MASS's gehan: the trial of 6-mercaptopurine that Kaplan-Meier and Cox are taught with.
arguments <- commandArgs(FALSE)
setwd(dirname(normalizePath(sub("--file=", "", grep("--file=", arguments, value = TRUE)))))
library(survival)

number <- function(x, digits = 13) ifelse(is.na(x), "null", ifelse(is.infinite(x), ifelse(x > 0, "1e999", "-1e999"), sprintf(paste0("%.", digits, "g"), x)))
quoted <- function(s) paste0("\"", s, "\"")
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x) && is.null(names(x))) return(paste0("[", paste(sapply(x, json), collapse = ", "), "]"))
  if (is.list(x)) return(paste0("{", paste(paste0(quoted(names(x)), ": ", sapply(x, json)), collapse = ",\n"), "}"))
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, function(r) paste0("[", paste(number(r), collapse = ", "), "]")), collapse = ",\n"), "]"))
  v <- if (is.character(x)) quoted(x) else number(as.numeric(x))
  if (length(v) == 1 && is.null(attr(x, "vector"))) v else paste0("[", paste(v, collapse = ", "), "]")
}
vec <- function(x) { x <- unname(x); attr(x, "vector") <- TRUE; x }
write_json <- function(x, name) writeLines(json(c(list(versions = list(R = R.version.string, survival = as.character(packageVersion("survival")))), x)), name)
write_data <- function(d, name) { d[] <- lapply(d, function(x) if (is.numeric(x)) sub("null", "", number(x, 17)) else as.character(x)); write.csv(d, paste0("data/", name, ".csv"), row.names = FALSE, quote = FALSE) }

mgus <- data.frame(time = mgus2$futime, event = mgus2$death, male = as.integer(mgus2$sex == "M"), age = mgus2$age, mspike = mgus2$mspike,
  etime = with(mgus2, ifelse(pstat == 0, futime, ptime)), ev = with(mgus2, ifelse(pstat == 0, 2 * death, 1)))
lung_data <- data.frame(time = lung$time, event = as.integer(lung$status == 2), lung[, c("age", "sex", "ph.ecog", "wt.loss", "inst")]); names(lung_data)[5:6] <- c("ecog", "wt_loss")
veteran_data <- data.frame(time = veteran$time, event = veteran$status, veteran[, c("trt", "karno", "diagtime", "age", "prior")], cell = as.integer(veteran$celltype))
ovarian_data <- data.frame(time = ovarian$futime, event = ovarian$fustat, age = ovarian$age, rx = ovarian$rx, ecog = ovarian$ecog.ps)
heart_data <- data.frame(enter = heart$start, time = heart$stop, event = heart$event, heart[, c("age", "year", "surgery")], transplant = as.integer(as.character(heart$transplant)), id = heart$id)
gehan_data <- data.frame(time = MASS::gehan$time, event = MASS::gehan$cens, control = as.integer(MASS::gehan$treat == "control"), pair = MASS::gehan$pair)
# Times that are tied but for rounding; a product-limit curve with a flat step at exactly 1/2;
# an entry at the very moment of an event (not yet at risk); a risk set that empties on the way.
float_data <- data.frame(time = c(0.3, 0.1 + 0.2, 0.7, 0.1 * 7, 0.8, 1, 1 + 1e-9, 1.5), event = c(1, 1, 1, 0, 0, 1, 0, 1), x = c(1, 0, 2, 1, 0, 1, 3, 2))
flat_data <- data.frame(time = c(1, 2, 2, 3, 5, 8), event = c(1, 0, 1, 1, 0, 1))
flat_data <- rbind(flat_data, data.frame(time = c(10, 12), event = c(1, 0)))
even_data <- data.frame(time = c(4, 7, 7, 9, 20, 29, 31, 40), event = c(1, 1, 1, 1, 1, 1, 0, 1))
late_data <- data.frame(enter = c(0, 0, 2, 3, 5, 5, 6, 9, 9, 10), time = c(2, 3, 5, 7, 8, 9, 9, 12, 14, 15), event = c(1, 0, 1, 1, 0, 1, 0, 1, 1, 0))
gap_data <- data.frame(enter = c(0, 0, 5, 6, 6), time = c(2, 3, 8, 9, 10), event = c(1, 1, 1, 1, 0))
# Two are lost before the first event.
# The upper limit comes down, and rises again when few are left.
rises_data <- data.frame(time = rep(c(1, 2, 3, 4), c(50, 48, 1, 1)), event = rep(c(1, 0, 1, 0), c(50, 48, 1, 1)))
gbsg_data <- data.frame(time = gbsg$rfstime, event = gbsg$status, hormon = gbsg$hormon)
quiet_data <- data.frame(time = c(1, 2, 3, 4, 6, 7), event = c(0, 0, 1, 0, 1, 0))
sets <- list(gehan = gehan_data, lung = lung_data, veteran = veteran_data, ovarian = ovarian_data, mgus2 = mgus, heart = heart_data, float_ties = float_data, flat = flat_data, even = even_data, late = late_data, gap = gap_data, quiet = quiet_data, rises = rises_data, gbsg = gbsg_data)
for (name in names(sets)) write_data(sets[[name]], name)

# ---------------------------------------------------------------- Kaplan-Meier, Nelson-Aalen, quantiles, tables, RMST
probabilities <- c(.1, .25, .5, .75, .9)
km <- list()
km_case <- function(name, data, taus, at) {
  is_late <- !is.null(data$enter)
  fml <- if (is_late) Surv(enter, time, event) ~ 1 else Surv(time, event) ~ 1
  fit <- function(type, level = .95) survfit(fml, data, conf.type = type, conf.int = level)
  f <- fit("log"); out <- list(time = vec(f$time), n_at_risk = vec(f$n.risk), n_events = vec(f$n.event), n_censored = vec(f$n.censor), survival = vec(f$surv),
    se_log = vec(f$std.err), cumulative_hazard = vec(f$cumhaz), se_cumulative_hazard = vec(f$std.chaz))
  for (type in c("log", "log-log", "plain")) { g <- fit(type); q <- quantile(g, probabilities)
    out[[type]] <- list(ci_low = vec(g$lower), ci_high = vec(g$upper), quantile = vec(q$quantile), quantile_low = vec(q$lower), quantile_high = vec(q$upper)) }
  g <- fit("log-log", .9); out$level_90 <- list(ci_low = vec(g$lower), ci_high = vec(g$upper))
  a <- summary(fit("log-log"), times = at, extend = TRUE)
  out$at <- list(time = vec(at), n_at_risk = vec(a$n.risk), n_events = vec(a$n.event), n_censored = vec(a$n.censor), survival = vec(a$surv), ci_low = vec(a$lower), ci_high = vec(a$upper))
  out$rmst <- lapply(taus, function(tau) { s <- summary(f, rmean = tau)$table; list(tau = tau, estimate = unname(s[grep("^\\*?rmean", names(s))]), se = unname(s[grep("se\\(rmean", names(s))])) })
  r <- if (is_late) NULL else quantile(survfit(Surv(time, 1 - event) ~ 1, data, conf.type = "log-log"), .5)
  if (!is.null(r)) out$follow_up <- list(median = unname(r$quantile), ci_low = unname(r$lower), ci_high = unname(r$upper))
  km[[name]] <<- out
}
km_case("lung", lung_data, c(400, 700), seq(0, 1200, 200))
km_case("lung_women", subset(lung_data, sex == 2), c(400, 700), seq(0, 1000, 200))
km_case("gehan_6mp", subset(gehan_data, control == 0), c(20), seq(0, 35, 5))
km_case("ovarian", ovarian_data, c(300, 700), seq(0, 1500, 300))
km_case("veteran", veteran_data, c(100, 500), seq(0, 1000, 100))
km_case("mgus2_men", subset(mgus, male == 1), c(120, 240), seq(0, 400, 60))
km_case("heart_waiting", subset(heart_data, transplant == 0), c(900), seq(0, 1500, 300))
km_case("heart_transplanted", subset(heart_data, transplant == 1), c(900), seq(0, 1500, 300))
km_case("float_ties", float_data, c(0.75, 1.5), c(0, .5, .7, 1, 1.5))
km_case("flat", flat_data, c(6), c(0, 2, 4, 8, 12))
km_case("even", even_data, c(20), c(0, 7, 9, 25))
km_case("late", late_data, c(8), c(0, 2, 5, 9, 14))
km_case("gap", gap_data, c(8), c(0, 2, 3, 8))
km_case("rises", rises_data, c(3), c(0, 1, 2, 4))
km_case("gbsg_no_hormone", subset(gbsg_data, hormon == 0), c(1500), seq(0, 2500, 500))
km_case("quiet", quiet_data, c(6), c(0, 2, 3, 6))
write_json(km, "kaplan_meier.json")

# ---------------------------------------------------------------- log-rank
tests <- list()
logrank_case <- function(name, fml, data, rho = 0) { s <- survdiff(fml, data, rho = rho); sums <- function(m) if (is.matrix(m)) rowSums(m) else m
  tests[[name]] <<- list(rho = rho, n = vec(as.vector(s$n)), observed = vec(sums(s$obs)), expected = vec(sums(s$exp)), variance = s$var, statistic = s$chisq, p_value = pchisq(s$chisq, sum(sums(s$exp) > 0) - 1, lower.tail = FALSE)) }
for (rho in c(0, .5, 1)) { s <- paste0("_rho", rho)
  logrank_case(paste0("lung_sex", s), Surv(time, event) ~ sex, lung_data, rho)
  logrank_case(paste0("veteran_cell", s), Surv(time, event) ~ cell, veteran_data, rho)
  logrank_case(paste0("ovarian_rx", s), Surv(time, event) ~ rx, ovarian_data, rho)
  logrank_case(paste0("mgus2_male", s), Surv(time, event) ~ male, mgus, rho)
  logrank_case(paste0("veteran_trt_by_cell", s), Surv(time, event) ~ trt + strata(cell), veteran_data, rho) }
logrank_case("lung_sex_by_inst_rho0", Surv(time, event) ~ sex + strata(inst), lung_data)
logrank_case("ovarian_rx_by_ecog_rho0", Surv(time, event) ~ rx + strata(ecog), ovarian_data)
logrank_case("float_ties_x_rho0", Surv(time, event) ~ x, float_data)
logrank_case("gehan_control_rho0", Surv(time, event) ~ control, gehan_data)
# The trend test is the score test of the discrete Cox model with the score as covariate.
trend <- function(fml, data) { f <- coxph(fml, data, ties = "exact"); list(statistic = f$score, p_value = pchisq(f$score, 1, lower.tail = FALSE)) }
tests$trend_lung_ecog <- trend(Surv(time, event) ~ ecog, lung_data)
tests$trend_veteran_karno <- trend(Surv(time, event) ~ karno, veteran_data)
tests$trend_veteran_karno_by_trt <- trend(Surv(time, event) ~ karno + strata(trt), veteran_data)
# survdiff knows no delayed entry; with two groups the same score test stands in for it.
tests$entry_heart_transplant <- trend(Surv(enter, time, event) ~ transplant, heart_data)
tests$entry_heart_surgery_by_transplant <- trend(Surv(enter, time, event) ~ surgery + strata(transplant), heart_data)
write_json(tests, "logrank.json")

# ---------------------------------------------------------------- Cox
control <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50)
cox <- list()
tidy_zph <- function(f, terms = TRUE) lapply(list(km = "km", rank = "rank", identity = "identity", log = "log"), function(g) { z <- cox.zph(f, transform = g, terms = terms)$table; list(statistic = vec(z[, 1]), df = vec(z[, 2]), p_value = vec(z[, 3])) })
cox_case <- function(name, fml, data, rows = FALSE, newdata = NULL, ...) for (ties in c("efron", "breslow")) {
  f <- do.call(coxph, list(fml, data = data, ties = ties, control = control, model = TRUE, ...)); s <- summary(f)
  naive <- if (is.null(f$naive.var)) f$var else f$naive.var
  out <- list(n = f$n, n_events = f$nevent, coef = vec(coef(f)), se = vec(sqrt(diag(naive))), covariance = naive, robust_se = if (is.null(f$naive.var)) NULL else vec(sqrt(diag(f$var))),
    null_log_likelihood = f$loglik[1], log_likelihood = tail(f$loglik, 1), likelihood_ratio = unname(s$logtest["test"]), wald = unname(f$wald.test), score = f$score,
    concordance = unname(s$concordance[1]), concordance_se = unname(s$concordance[2]), zph = tidy_zph(f))
  if (rows) { b <- basehaz(f, centered = FALSE)
    out$baseline <- list(stratum = if (is.null(b$strata)) NULL else vec(as.character(b$strata)), time = vec(b$time), cumulative_hazard = vec(b$hazard))
    for (type in c("martingale", "deviance", "schoenfeld", "scaledsch", "score", "dfbeta")) { r <- residuals(f, type); out[[paste0(type, "_residuals")]] <- if (is.matrix(r)) unname(r) else vec(as.vector(r)) } }
  if (!is.null(newdata)) { for (type in c("log", "log-log", "plain")) { p <- survfit(f, newdata = newdata, conf.type = type)
      if (type == "log") out$predicted <- list(time = vec(p$time), survival = unname(p$surv), se_cumulative_hazard = unname(p$std.chaz))
      out$predicted[[type]] <- list(ci_low = unname(p$lower), ci_high = unname(p$upper)) }
    all <- survfit(f, newdata = data, se.fit = FALSE); out$adjusted <- list(time = vec(all$time), survival = vec(rowMeans(all$surv))) }
  cox[[paste(name, ties, sep = "_")]] <<- out
}
complete <- na.omit(lung_data)
cox_case("lung", Surv(time, event) ~ age + sex + ecog + wt_loss, complete, FALSE, complete[1:2, ])
cox_case("lung_by_sex", Surv(time, event) ~ age + ecog + strata(sex), complete, TRUE)
cox_case("lung_cluster_inst", Surv(time, event) ~ age + sex + ecog, complete, FALSE, complete[1:2, ], cluster = complete$inst)
cox_case("gehan", Surv(time, event) ~ control, gehan_data, TRUE)
cox_case("veteran", Surv(time, event) ~ trt + karno + diagtime + age + prior, veteran_data)
cox_case("ovarian", Surv(time, event) ~ age + rx + ecog, ovarian_data, TRUE, ovarian_data[c(1, 20), ])
cox_case("mgus2_pcm", Surv(etime, ev == 1) ~ age + male + mspike, mgus)
cox_case("mgus2_death", Surv(etime, ev == 2) ~ age + male + mspike, mgus)
cox_case("heart", Surv(enter, time, event) ~ age + year + surgery + transplant, heart_data, TRUE)
cox_case("heart_by_surgery_cluster_id", Surv(enter, time, event) ~ age + year + transplant + strata(surgery), heart_data, TRUE, cluster = heart_data$id)
cox_case("float_ties", Surv(time, event) ~ x, float_data, TRUE)
f <- coxph(Surv(time, event) ~ trt + factor(cell) + karno, veteran_data, control = control)
cox$zph_veteran_terms <- tidy_zph(f)
write_json(cox, "cox.json")
