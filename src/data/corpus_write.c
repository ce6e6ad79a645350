/* SPDX-License-Identifier: MIT
 *
 * A corpus as CRFsuite's attributes, whatever it was read from: the converter
 * from columns and a template.
 */
#include "data/corpus.h"

#include <string.h>

/** A name with : and \ escaped. */
static basin_status write_name(
    basin_bytes *out, const char *name, size_t length, basin_error *error)
{
    bool ends =
        length && (memchr(name, '\t', length) || memchr(name, '\n', length));
    char quote[BASIN__QUOTE];
    BASIN_REQUIRE(!ends, error, BASIN_E_SERVE,
        "CRFsuite cannot read the name '%s': it has a tab or the end of a line "
        "in it",
        basin__quote(quote, name, length));
    size_t from = 0;
    for (size_t i = 0; i < length; i++) {
        if (name[i] != ':' && name[i] != '\\')
            continue;
        BASIN_TRY(basin_bytes_append(out, name + from, i - from, error));
        BASIN_TRY(basin_bytes_append(out, "\\", 1, error));
        from = i;
    }
    return basin_bytes_append(out, name + from, length - from, error);
}

static basin_status write_label(basin_bytes *out, const basin__corpus *c,
    int64_t position, basin_error *error)
{
    const basin_sequences *s = &c->open.sequences;
    int32_t label = s->label ? s->label[position] : -1;
    BASIN_REQUIRE(label >= 0, error, BASIN_E_ARGUMENT,
        "position %lld has no label, and CRFsuite's attributes need one",
        (long long)position);
    size_t length;
    const char *name = basin_dictionary_name(c->def.labels, label, &length);
    char quote[BASIN__QUOTE];
    BASIN_REQUIRE(length > 0 && name[0] != '@', error, BASIN_E_SERVE,
        "CRFsuite cannot read the label '%s': it must not be empty or begin "
        "with @",
        basin__quote(quote, name, length));
    /* at the start of a text these bytes would say something else; an empty
     * field before them does not */
    if (strchr("\xEF\xFE\xFF", name[0]))
        BASIN_TRY(basin_bytes_append(out, "\t", 1, error));
    return write_name(out, name, length, error);
}

static basin_status write_value(
    basin_bytes *out, float value, bool always, basin_error *error)
{
    if (value == 1.0f && !always)
        return BASIN_OK;
    char text[40] = ":";
    size_t length = 1 + basin_print_number(text + 1, (double)value, true);
    return basin_bytes_append(out, text, length, error);
}

static basin_status write_position(basin_bytes *out, const basin__corpus *c,
    int64_t position, basin_error *error)
{
    const basin_attributes *node = &c->open.sequences.node;
    BASIN_TRY(write_label(out, c, position, error));
    for (int64_t i = node->start[position]; i < node->start[position + 1];
         i++) {
        size_t length;
        const char *name =
            basin_dictionary_name(c->def.nodes, node->id[i], &length);
        BASIN_TRY(basin_bytes_append(out, "\t", 1, error));
        BASIN_TRY(write_name(out, name, length, error));
        /* an empty field would be skipped */
        BASIN_TRY(write_value(
            out, node->value ? node->value[i] : 1.0f, length == 0, error));
    }
    /* a CR at the end of a line would belong to it */
    if (out->data[out->size - 1] == '\r')
        BASIN_TRY(basin_bytes_append(out, "\t", 1, error));
    return basin_bytes_append(out, "\n", 1, error);
}

static basin_status write_weight(
    basin_bytes *out, const basin__corpus *c, int32_t i, basin_error *error)
{
    float weight = c->open.weight ? c->open.weight[i] : 1.0f;
    if (weight == 1.0f)
        return BASIN_OK;
    BASIN_TRY(basin_bytes_append(out, "@weight", 7, error));
    BASIN_TRY(write_value(out, weight, true, error));
    return basin_bytes_append(out, "\n", 1, error);
}

basin_status basin_corpus_write(
    basin_bytes *out, const basin_corpus *corpus, basin_error *error)
{
    const basin__corpus *c = (const basin__corpus *)corpus;
    const basin_sequences *s = &corpus->sequences;
    BASIN_REQUIRE(!s->edge.start, error, BASIN_E_SERVE,
        "CRFsuite's attributes have none of steps between positions; leave "
        "out the lines of the template that make them (B, b or * with a "
        "macro)");
    size_t before = out->size;
    basin_status status = BASIN_OK;
    for (int32_t i = 0; i < s->n && status == BASIN_OK; i++) {
        status = write_weight(out, c, i, error);
        for (int64_t p = s->start[i]; p < s->start[i + 1] && status == BASIN_OK;
             p++)
            status = write_position(out, c, p, error);
        if (status == BASIN_OK)
            status = basin_bytes_append(out, "\n", 1, error);
    }
    if (status != BASIN_OK)
        out->size = before;
    return status;
}
