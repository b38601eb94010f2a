# Two latent classes by direct maximisation of the likelihood on the logit scale (nlminb, many
# starts, no EM), its profile at an edge, G2 and bivariate residuals; Hui and Walter's model likewise.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))

bits <- function(k) as.matrix(expand.grid(rep(list(0:1), k)))  # assay j is bit j of the row's number
probabilities <- function(prevalence, se, fp, x) {
  given <- function(p) apply(x, 1, function(row) prod(ifelse(row == 1, p, 1 - p)))
  prevalence * given(se) + (1 - prevalence) * given(fp)
}
split <- function(theta, g, k) list(prevalence = theta[1:g], se = theta[g + 1:k], fp = theta[g + k + 1:k])
minus <- function(theta, counts, x) {  # counts: one column a population
  part <- split(theta, ncol(counts), ncol(x))
  -sum(sapply(seq_len(ncol(counts)), function(g) {
    p <- probabilities(part$prevalence[g], part$se, part$fp, x)
    sum((counts[, g] * log(p))[counts[, g] > 0])
  }))
}
maximum <- function(counts, k, held = NULL, starts = 30) {
  x <- bits(k); g <- ncol(counts); best <- NULL
  for (s in seq_len(starts)) {
    start <- c(runif(g, 0.1, 0.9), runif(k, 0.5, 0.95), runif(k, 0.05, 0.5))
    free <- setdiff(seq_along(start), held$i)
    full <- function(logits) { t <- numeric(length(start)); t[free] <- plogis(logits); if (length(held)) t[held$i] <- held$value; t }
    fit <- nlminb(qlogis(start[free]), function(l) minus(full(l), counts, x),
                  control = list(rel.tol = 1e-15, x.tol = 1e-12, eval.max = 5000, iter.max = 5000))
    fit <- nlminb(fit$par, function(l) minus(full(l), counts, x),
                  control = list(rel.tol = 1e-15, x.tol = 1e-14, eval.max = 5000, iter.max = 5000))
    if (is.null(best) || fit$objective < best$objective) best <- list(objective = fit$objective, theta = full(fit$par))
  }
  # Newton's steps on the logits, by numerical derivatives, where the maximum lies inside
  if (is.null(held) && all(best$theta > 1e-4 & best$theta < 1 - 1e-4)) {
    l <- qlogis(best$theta)
    for (step in 1:5) {
      h <- 1e-4; d <- length(l); f <- function(v) minus(plogis(v), counts, x)
      e <- diag(h, d)
      gradient <- sapply(1:d, function(i) (f(l - 2 * e[i, ]) - 8 * f(l - e[i, ]) + 8 * f(l + e[i, ]) - f(l + 2 * e[i, ])) / (12 * h))
      hessian <- optimHess(l, f, control = list(ndeps = rep(1e-4, d)))
      l <- l - solve(hessian, gradient)
    }
    best$theta <- plogis(l)
  }
  t <- split(best$theta, g, k)
  if (sum(t$se) < sum(t$fp)) t <- list(prevalence = 1 - t$prevalence, se = t$fp, fp = t$se)
  c(t, list(log_likelihood = -best$objective))
}
count <- function(m) { k <- ncol(m); tabulate(1 + as.vector(m %*% 2^(0:(k - 1))), 2^k) }

infarction <- rbind(c(1, 1, 1, 1), c(0, 1, 1, 1), c(1, 0, 1, 1), c(0, 0, 1, 1), c(1, 1, 0, 1), c(0, 1, 0, 1),
                    c(1, 0, 0, 1), c(0, 0, 0, 1), c(0, 1, 0, 0), c(0, 0, 0, 0), c(0, 0, 1, 0))
infarction <- infarction[rep(1:11, c(24, 5, 4, 3, 3, 5, 2, 7, 7, 33, 1)), ]  # Rindskopf 1986
set.seed(1980)
draw <- function(n, prevalence, se, fp) {
  sick <- runif(n) < prevalence
  sapply(seq_along(se), function(j) as.integer(runif(n) < ifelse(sick, se[j], fp[j])))
}
sets <- list(infarction, draw(500, 0.4, c(0.85, 0.7, 0.8, 0.75, 0.6), c(0.05, 0.1, 0.15, 0.1, 0.2)),
             draw(400, 0.35, c(0.9, 0.7, 0.8), c(0.08, 0.1, 0.15)), draw(700, 0.3, c(0.9, 0.6, 0.8, 0.7), c(0.1, 0.08, 0.1, 0.15)))
one <- lapply(sets, function(m) {
  k <- ncol(m); n <- nrow(m); x <- bits(k); counts <- count(m)
  fit <- maximum(cbind(counts), k)
  p <- n * probabilities(fit$prevalence, fit$se, fit$fp, x)
  g2 <- 2 * sum((counts * log(counts / p))[counts > 0])
  pairs <- combn(k, 2)
  residual <- apply(pairs, 2, function(ij) {
    cell <- 2 * x[, ij[1]] + x[, ij[2]]
    sum((tapply(counts, cell, sum) - tapply(p, cell, sum))^2 / tapply(p, cell, sum))
  })
  list(counts = counts, k = k, prevalence = fit$prevalence, sensitivity = fit$se, specificity = 1 - fit$fp,
       log_likelihood = fit$log_likelihood, g2 = g2, residual = residual)
})

# limits of the two estimates at an edge: CPK's sensitivity and Q wave's specificity
counts <- cbind(count(infarction))
top <- maximum(counts, 4)$log_likelihood
edge <- lapply(list(list(name = "sensitivity", assay = 4, i = 1 + 4), list(name = "specificity", assay = 1, i = 1 + 4 + 1)), function(at) {
  value <- function(v) if (at$name == "sensitivity") v else 1 - v
  lost <- function(v) 2 * (top - maximum(counts, 4, list(i = at$i, value = value(v)), starts = 3)$log_likelihood) - qchisq(0.95, 1)
  list(name = at$name, assay = at$assay - 1, low = uniroot(lost, c(0.9, 0.999), tol = 1e-8)$root)
})

table_counts <- function(x) c(x[4], x[2], x[3], x[1])  # neither, first only, second only, both
hui <- list(list(c(14, 4, 9, 528), c(887, 31, 37, 367)), list(c(30, 12, 8, 150), c(90, 25, 20, 65)), list(c(5, 5, 0, 10), c(3, 1, 4, 12)))
two <- lapply(hui, function(s) {
  fit <- maximum(cbind(table_counts(s[[1]]), table_counts(s[[2]])), 2)
  list(population_1 = matrix(s[[1]], 2, byrow = TRUE), population_2 = matrix(s[[2]], 2, byrow = TRUE),
       prevalence = fit$prevalence, sensitivity = fit$se, specificity = 1 - fit$fp, log_likelihood = fit$log_likelihood)
})
record("latent_class", one = one, edge = edge, two = two)
