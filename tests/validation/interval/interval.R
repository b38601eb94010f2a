# Rscript interval.R: writes data/*.csv (but cosmesis.csv) and interval.json beside this file.
# data/cosmesis.csv: breast retraction after radiotherapy, with and without chemotherapy
# (Finkelstein & Wolfe 1985), as R's interval::bcos has it; npsurv's `cancer` differs in a row.
# `gehan`: the trial of 6-mercaptopurine, exact and right censored, as npsurv has it. `visits` are 400 recoveries seen at weekly to monthly visits (simulated),
# `mixed` a set with times of every kind, and ties between them, made by hand.
# What needs icenReg and interval, which Debian doesn't have, stands in elsewhere.json.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages({ library(survival); library(npsurv) })
data(leukemia)
cosmesis <- read.csv(file.path(here, "data", "cosmesis.csv"))
gehan <- data.frame(left = leukemia$L, right = leukemia$R, mp = as.integer(leukemia$group == "6-MP"))
set.seed(11)
n <- 400; gap <- sample(1:8, n, TRUE); event <- round(10 * rweibull(n, 1.5), 2); first <- round(runif(n) * gap, 1)
passed <- floor((event - first) / gap)
visits <- data.frame(left = ifelse(event <= first, 0, round(first + passed * gap, 1)), right = ifelse(event <= first, first, round(first + (passed + 1) * gap, 1)))
visits$right[visits$right > 16] <- Inf; visits <- visits[visits$left < visits$right, ]; visits$older <- as.integer(seq_len(nrow(visits)) %% 3 == 0); visits$dose <- seq_len(nrow(visits)) %% 7
mixed <- data.frame(left = c(3, 5, 5, 0, 2, 4, 5, 7, 8, 3, 6, 1, 9, 5, 2, 7), right = c(3, 5, 8, 4, 6, Inf, Inf, 7, 11, 5, 9, 3, Inf, 7, 2, 10))
mixed$dose <- c(1, 4, 2, 5, 3, 1, 0, 2, 0, 3, 2, 4, 0, 1, 5, 2); mixed$male <- rep(0:1, 8)
sets <- list(cosmesis = cosmesis, chemo = cosmesis[cosmesis$chemo == 1, ], radio = cosmesis[cosmesis$chemo == 0, ], gehan = gehan, visits = visits, mixed = mixed)
for (name in setdiff(names(sets), c("cosmesis", "chemo", "radio"))) write.csv(lapply(sets[[name]], function(v) sprintf("%.15g", v)), file.path(here, "data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)

masses <- lapply(names(sets), function(name) { d <- sets[[name]]; f <- npsurv(as.matrix(unname(d[, 1:2])), maxit = 1000, tol = 1e-14)
  list(set = name, left = I(f$f$left), right = I(f$f$right), mass = I(f$f$p), log_likelihood = f$ll) })
survfit_mass <- lapply(c("cosmesis", "visits"), function(name) { d <- sets[[name]]
  s <- survfit(Surv(ifelse(left == 0, NA, left), ifelse(is.infinite(right), NA, right), type = "interval2") ~ 1, d); drops <- -diff(c(1, s$surv))
  list(set = name, time = I(s$time[drops > 1e-8]), mass = I(drops[drops > 1e-8])) })

models <- list()
model <- function(name, covariates, at) for (distribution in c("weibull", "lognormal", "loglogistic")) { d <- sets[[name]]
  s <- with(d, Surv(ifelse(left == 0, NA, left), ifelse(is.infinite(right), NA, right), type = "interval2"))
  f <- survreg(reformulate(if (length(covariates)) covariates else "1", "s"), d, dist = distribution, control = survreg.control(rel.tolerance = 1e-13, maxiter = 200))
  p <- c(.1, .5, .9); q <- predict(f, as.data.frame(as.list(setNames(at, covariates))), type = "uquantile", p = p, se.fit = TRUE)
  if (!length(covariates)) { q <- predict(f, data.frame(one = 1), type = "uquantile", p = p, se.fit = TRUE) }
  models <<- c(models, list(list(set = name, covariates = I(as.character(covariates)), distribution = distribution, coef = I(unname(coef(f))), scale = f$scale, covariance = unname(f$var), log_likelihood = tail(f$loglik, 1),
    at = I(as.numeric(at)), p = I(p), log_quantile = I(as.vector(q$fit)), se_log_quantile = I(as.vector(q$se.fit))))) }
model("cosmesis", "chemo", 1); model("gehan", "mp", 0); model("visits", c("older", "dose"), c(1, 3)); model("mixed", c("dose", "male"), c(2, 1)); model("mixed", character(), numeric())
# Rows in clusters of two: survreg's own robust variance where no row is interval censored. Where some are, survival 3.5.3 gives the
# derivative by log scale of those rows with the wrong sign (residuals.survreg: their sum is not 0 at the maximum), and so a wrong variance;
# the same sandwich is then made from its other derivatives with that sign turned, and the sum is seen to be 0.
clustered <- list()
for (case in list(c("gehan", "mp"), c("visits", "dose"), c("mixed", "dose"))) for (distribution in c("weibull", "lognormal", "loglogistic")) { d <- sets[[case[1]]]; d$pair <- seq_len(nrow(d)) %/% 2; d$x <- d[[case[2]]]
  d$s <- with(d, Surv(ifelse(left == 0, NA, left), ifelse(is.infinite(right), NA, right), type = "interval2"))
  f <- survreg(s ~ x, d, dist = distribution, cluster = pair, control = survreg.control(rel.tolerance = 1e-13, maxiter = 200))
  m <- residuals(f, "matrix"); within <- d$s[, 3] == 3
  score <- cbind(m[, "dg"], m[, "dg"] * d$x, m[, "ds"] * ifelse(within, -1, 1)); stopifnot(abs(colSums(score)) < 1e-6)
  robust <- if (any(within)) crossprod(rowsum(score %*% f$naive.var, d$pair)) else f$var
  clustered <- c(clustered, list(list(set = case[1], covariate = case[2], distribution = distribution, from_survreg = !any(within), covariance = unname(f$naive.var), robust_covariance = unname(robust)))) }
record("interval", packages = c("survival", "npsurv"), masses = masses, survfit = survfit_mass, survreg = models, survreg_clustered = clustered)
