# Counts in observed time: glm (Poisson and quasi-Poisson), glm.nb of MASS, whose standard errors are
# given theta, and geeglm of geepack (independence, sandwich).
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))
suppressPackageStartupMessages({
  library(MASS)
  library(geepack)
})
tight <- glm.control(epsilon = 1e-14, maxit = 200)

set.seed(14)
n <- 80
drawn <- data.frame(
  id = rep(1:40, each = 2), x = rep(0:1, n / 2), age = round(rnorm(n, 50, 12)),
  time = round(runif(n, 0.2, 4), 2)
)
drawn$count <- rpois(n, drawn$time * rep(rgamma(40, 1.2, 1.2), each = 2) * exp(0.4 * drawn$x))
worked <- data.frame(
  id = 1:10, x = rep(0:1, each = 5), count = c(0, 0, 1, 3, 0, 2, 5, 1, 0, 7),
  time = c(1, 2, 1.5, 2, 3, 1, 2, 2.5, 1, 2)
)
fits <- list()
add <- function(data, formula, names, model, clusters = NULL) {
  formula <- update(formula, . ~ . + offset(log(time)))
  data$cluster <- if (is.null(clusters)) seq_len(nrow(data)) else clusters
  fit <- switch(model,
    poisson = glm(formula, poisson, data, control = tight),
    quasi_poisson = glm(formula, quasipoisson, data, control = tight),
    negative_binomial = glm.nb(formula, data, control = tight),
    gee = geeglm(
      formula, poisson, data, id = cluster,
      control = geese.control(epsilon = 1e-12, maxit = 200)
    )
  )
  table <- summary(fit)$coefficients
  df <- nrow(data) - nrow(table)
  dispersion <- sum((data$count - fitted(fit))^2 / fitted(fit)) / df
  fits <<- c(fits, list(list(
    counts = I(data$count), person_time = I(data$time), covariates = as.matrix(data[names]),
    names = I(names), model = model, cluster = if (is.null(clusters)) NULL else I(clusters),
    coef = I(table[, 1]), se = I(table[, 2]),
    p_value = if (model == "gee") I(2 * pnorm(-abs(table[, 1] / table[, 2]))) else I(table[, 4]),
    dispersion = dispersion,
    log_likelihood = if (model %in% c("poisson", "negative_binomial")) as.numeric(logLik(fit)),
    theta = if (model == "negative_binomial") fit$theta
  )))
}
for (model in c("poisson", "quasi_poisson", "negative_binomial", "gee")) {
  add(worked, count ~ x, "x", model)
  add(drawn, count ~ x + age, c("x", "age"), model)
}
add(drawn, count ~ x + age, c("x", "age"), "gee", drawn$id)
record("counts", packages = c("MASS", "geepack"), fit_counts = fits)
