# Writes what R computed to <topic>.json beside the script that calls: one case a line, numbers so
# that they read back to the same double, infinities and missing values as text, and the versions
# of R and of the packages. No dates and no paths, so that a second run writes the same file.
#
# At the head of each <topic>.R (run as `Rscript tests/validation/<topic>.R`):
#   here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
#   source(file.path(here, "record.R"))
# and at its end:
#   record("<topic>", packages = c("nortest"), wilson = list(list(events = 1, ...), ...), ...)
#
# A vector of length one becomes a number or a word; wrap what must stay a list in I().

number <- function(x) {
  if (is.nan(x)) stop("NaN is no result: record why there is none")
  if (is.na(x)) return('"NA"')
  if (is.infinite(x)) return(if (x > 0) '"Inf"' else '"-Inf"')
  short <- sprintf("%.15g", x)
  if (as.numeric(short) == x) short else sprintf("%.17g", x)
}

json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{", paste0(encodeString(names(x), quote = '"'), ": ", parts, collapse = ", "), "}"))
  }
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, function(row) json(I(row))), collapse = ", "), "]"))
  if (is.factor(x)) x <- as.character(x)
  parts <- if (is.character(x)) encodeString(unname(x), quote = '"')
    else if (is.logical(x) && !anyNA(x)) tolower(as.character(x))
    else vapply(as.numeric(x), number, "")
  if (length(parts) == 1 && !inherits(x, "AsIs")) parts
  else paste0("[", paste(parts, collapse = ", "), "]")
}

record <- function(topic, packages = character(), ...) {
  versions <- c(
    list(R = as.character(getRversion())),
    sapply(packages, function(name) as.character(packageVersion(name)), simplify = FALSE)
  )
  sections <- list(...)
  lines <- c(
    paste0('  "versions": ', json(versions)),
    vapply(names(sections), function(name) {
      cases <- paste0("    ", vapply(sections[[name]], json, ""), collapse = ",\n")
      paste0('  "', name, '": [\n', cases, "\n  ]")
    }, "")
  )
  text <- paste0("{\n", paste(lines, collapse = ",\n"), "\n}\n")
  connection <- file(file.path(here, paste0(topic, ".json")), open = "wb")
  writeLines(text, connection, sep = "", useBytes = TRUE)
  close(connection)
}
