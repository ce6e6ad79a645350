/* SPDX-License-Identifier: MIT
 *
 * CRF++'s models as text (crf_learn -t): a header, the labels, the template,
 * the attributes with the number of their first weight, and the weights, one a
 * line; blank lines between them. An attribute of a position has a weight for
 * each label, one of a step for each pair of labels.
 */
#include "data/weights_crfpp.h"

#include <string.h>

/** The lines of a part, up to the blank line. @return false: the end came */
static bool next_of_part(basin__model *m, basin_status *status)
{
    *status = BASIN_OK;
    if (!basin__model_line(m)) {
        *status = BASIN__REFUSE(
            m, 0, "CRF++'s model is cut off: after this line more is expected");
        return false;
    }
    return m->length > 0;
}

static basin_status read_header(basin__model *m, int64_t *weights)
{
    basin_status status;
    int64_t version = 0;
    *weights = 0;
    while (next_of_part(m, &status)) {
        static const char *const keys[] = {"version: ", "maxid: "};
        for (int i = 0; i < 2; i++) {
            size_t n = strlen(keys[i]);
            if (m->length < n || memcmp(m->line, keys[i], n))
                continue;
            int64_t *out = i ? weights : &version;
            if (!basin__model_number(
                    m->line + n, m->length - n, INT32_MAX, out))
                return BASIN__REFUSE(m, n, "a whole number is expected");
        }
    }
    BASIN_TRY(status);
    if (version != 100)
        return basin_error_set(m->error, BASIN_E_SERVE,
            "CRF++'s model is of version %lld; version 100 can be read",
            (long long)version);
    return BASIN_OK;
}

static basin_status read_labels(basin__model *m)
{
    basin_status status;
    while (next_of_part(m, &status))
        BASIN_TRY(basin__model_name(m, m->w->labels, m->line, m->length));
    return status;
}

static basin_status read_template(basin__model *m)
{
    basin_status status;
    size_t begin = m->at;
    int line = m->number + 1;
    while (next_of_part(m, &status))
        continue;
    BASIN_TRY(status);
    return basin__model_template(m, m->data + begin,
        (size_t)(m->line - m->data) - begin, BASIN_DIALECT_CRFPP, line);
}

basin_status basin__crfpp_entry(basin__model *m, const char *name,
    size_t length, size_t column, int64_t *left, basin__crfpp *out)
{
    int64_t labels = basin_dictionary_count(m->w->labels);
    if (length == 0 || (name[0] != 'U' && name[0] != 'B'))
        return BASIN__REFUSE(m, column, "an attribute begins with U or B");
    out->edge = name[0] == 'B';
    int64_t n = out->edge ? labels * labels : labels;
    if (out->first > out->weights - n || n > *left)
        return BASIN__REFUSE(m, 0,
            "the weights %lld to %lld of an attribute are not among the %lld "
            "that the model has (maxid)",
            (long long)out->first, (long long)(out->first + n - 1),
            (long long)out->weights);
    *left -= n; /* so that no file grows when it is read */
    out->id = -1;
    if (out->edge && basin__model_is_plain(m, name, length))
        return BASIN_OK;
    basin_dictionary *d = out->edge ? m->w->edges : m->w->nodes;
    out->id = basin_dictionary_count(d);
    basin_status status = basin__model_name(m, d, name, length);
    return status == BASIN_E_FORMAT ? basin__model_at(m, column, status)
                                    : status;
}

/** A line of the part of attributes. */
static basin_status read_entry(
    basin__model *m, int64_t weights, int64_t *left, basin__crfpp *out)
{
    const char *space = memchr(m->line, ' ', m->length);
    size_t digits = space ? (size_t)(space - m->line) : m->length;
    out->weights = weights;
    if (!space || !basin__model_number(m->line, digits, INT32_MAX, &out->first))
        return BASIN__REFUSE(
            m, 0, "a number, a space and an attribute are expected");
    return basin__crfpp_entry(
        m, space + 1, m->length - digits - 1, digits + 1, left, out);
}

static basin_status read_entries(
    basin__model *m, int64_t weights, basin_bytes *entries)
{
    basin_status status;
    int64_t left = weights;
    while (next_of_part(m, &status)) {
        basin__crfpp e;
        BASIN_TRY(read_entry(m, weights, &left, &e));
        BASIN_TRY(basin_bytes_append(entries, &e, sizeof e, m->error));
    }
    return status;
}

static basin_status read_values(
    basin__model *m, int64_t weights, basin_bytes *values)
{
    for (int64_t i = 0; i < weights; i++) {
        double value;
        if (!basin__model_line(m))
            return BASIN__REFUSE(m, 0,
                "CRF++'s model is cut off: %lld weights are there, and %lld "
                "are expected",
                (long long)i, (long long)weights);
        if (!basin__model_value(m->line, m->length, &value))
            return BASIN__REFUSE(m, 0, "a weight is expected, such as -0.25");
        BASIN_TRY(basin_bytes_append(values, &value, sizeof value, m->error));
    }
    return basin__model_ended(m, "CRF++'s model");
}

basin_status basin__crfpp_spread(
    basin__model *m, const basin__crfpp *e, const double *values)
{
    int32_t labels = basin_dictionary_count(m->w->labels);
    for (int32_t from = e->edge ? 0 : -1; from < (e->edge ? labels : 0); from++)
        for (int32_t label = 0; label < labels; label++) {
            int64_t at = e->first + label;
            if (e->edge)
                at += (int64_t)from * labels;
            if (values[at] == 0.0)
                continue;
            basin_chain_weight weight = {e->id, from, label, values[at]};
            BASIN_TRY(basin_chain_weights_add(m->w, weight, m->error));
        }
    return BASIN_OK;
}

static basin_status read_rest(
    basin__model *m, int64_t weights, basin_bytes *entries, basin_bytes *values)
{
    BASIN_TRY(read_entries(m, weights, entries));
    BASIN_TRY(read_values(m, weights, values));
    const basin__crfpp *e = (const basin__crfpp *)(const void *)entries->data;
    for (size_t i = 0; i < entries->size / sizeof *e; i++)
        BASIN_TRY(basin__crfpp_spread(
            m, &e[i], (const double *)(const void *)values->data));
    return BASIN_OK;
}

basin_status basin__crfpp_read(basin__model *m)
{
    int64_t weights;
    m->w->source = BASIN_WEIGHTS_CRFPP;
    BASIN_TRY(read_header(m, &weights));
    BASIN_TRY(read_labels(m));
    BASIN_TRY(read_template(m));
    basin_bytes entries, values;
    basin_bytes_init(&entries, basin__model_context(m));
    basin_bytes_init(&values, basin__model_context(m));
    basin_status status = read_rest(m, weights, &entries, &values);
    basin_bytes_finish(&entries);
    basin_bytes_finish(&values);
    return status;
}
