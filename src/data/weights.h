/* SPDX-License-Identifier: MIT
 *
 * Lists of weights while they grow, and what the readers of models share.
 */
#ifndef BASIN_DATA_WEIGHTS_H
#define BASIN_DATA_WEIGHTS_H

#include "data/template.h"

#include "basin/weights.h"

/** A model on its way through a reader: bytes, or lines of text. */
typedef struct basin__model {
    basin_chain_weights *w;
    const char *data;
    size_t size, at; /**< at: the next byte, or where the next line begins */
    int number;      /**< of the line that was taken last */
    const char *line;
    size_t length; /**< of it, without its end */
    basin_error *error;
} basin__model;

/** Where memory comes from. */
basin_context *basin__model_context(const basin__model *m);
/** Take the next line, CR before its end aside. @return false: there is none */
bool basin__model_line(basin__model *m);
/** Add the line and a byte of it to the error that was just set. */
basin_status basin__model_at(
    const basin__model *m, size_t byte, basin_status status);

/** Refuse a text whose last line, just taken, has no end: half a number is a
 *  number, too. */
basin_status basin__model_ended(const basin__model *m, const char *what);

/** Refuse the line that was taken last. */
#define BASIN__REFUSE(m, byte, ...)                                            \
    basin__model_at(                                                           \
        m, byte, basin_error_set((m)->error, BASIN_E_FORMAT, __VA_ARGS__))

/** Add a name that must be new. Errors: E_FORMAT (it is not), E_MEMORY. */
basin_status basin__model_name(
    basin__model *m, basin_dictionary *d, const char *name, size_t length);
/** A whole number that is all of a text, at most `most`. */
bool basin__model_number(
    const char *text, size_t length, int64_t most, int64_t *out);
/** A finite number that is all of a text. */
bool basin__model_value(const char *text, size_t length, double *out);
/** Read the template and hand it over to the weights. The line of an error is
 *  moved to where the template stands in the model. */
basin_status basin__model_template(basin__model *m, const char *text,
    size_t size, basin_dialect dialect, int line);
/** Is this name of a step the plain transition of the model's template? */
bool basin__model_is_plain(
    const basin__model *m, const char *name, size_t length);

basin_status basin__crfsuite_read(basin__model *m);
basin_status basin__crfpp_read(basin__model *m);
basin_status basin__wapiti_read(basin__model *m);
basin_status basin__weights_text_read(basin__model *m);

#endif
