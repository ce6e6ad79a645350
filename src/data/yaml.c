/* SPDX-License-Identifier: MIT
 *
 * YAML into a tree, from libfyaml's events. Only what a description needs is
 * let in: one document of maps, lists and words.
 */
#include "data/tree.h"

#include <string.h>

#include "data/text.h"

#ifdef BASIN_YAML

#include <libfyaml.h>

enum { DEPTH = 24, CHILDREN = 65536, KEYS = 512, SIZE = 1 << 24 };

typedef struct reader {
    basin__forest *forest;
    basin_error *error;
    basin__tree *stack[DEPTH]; /* the maps and lists that are open */
    int depth;
    bool key_due; /* the next word of the map on top is a key */
    const char *key;
    int key_line, key_column;
    basin__tree *root;
    int documents;
    struct fy_mark last; /* of the last event that had one */
} reader;

static basin_status refuse(
    const reader *r, const struct fy_mark *mark, const char *what)
{
    basin_error_set(r->error, BASIN_E_FORMAT, "%s", what);
    basin_error_place(
        r->error, NULL, mark ? mark->line + 1 : 1, mark ? mark->column + 1 : 1);
    return BASIN_E_FORMAT;
}

static basin_status take_key(reader *r, struct fy_token *token,
    const struct fy_mark *mark, const char *text, size_t length)
{
    const basin__tree *map = r->stack[r->depth - 1];
    char quote[BASIN__QUOTE];
    basin__quote(quote, text, length);
    if (!token || length == 0)
        return refuse(r, mark, "a key is missing before the colon");
    if (map->n >= KEYS)
        return refuse(r, mark, "a map has more keys than any part takes");
    for (const basin__tree *at = map->first; at; at = at->next)
        if (strlen(at->key) == length && memcmp(at->key, text, length) == 0) {
            basin_error_set(r->error, BASIN_E_FORMAT,
                "the key '%s' is there twice; it was in line %d already", quote,
                at->key_line);
            basin_error_place(r->error, NULL, mark->line + 1, mark->column + 1);
            return BASIN_E_FORMAT;
        }
    BASIN_TRY(basin__forest_text(r->forest, &r->key, text, length, r->error));
    r->key_line = mark->line + 1;
    r->key_column = mark->column + 1;
    r->key_due = false;
    return BASIN_OK;
}

/** A value, where one is due. */
static basin_status add(reader *r, basin__tree **out, basin__tree_kind kind,
    const struct fy_mark *mark)
{
    basin__tree *parent = r->depth ? r->stack[r->depth - 1] : NULL;
    if (parent && parent->kind == BASIN__MAP && r->key_due)
        return refuse(r, mark, "a key must be a word");
    if (parent && parent->n >= CHILDREN)
        return refuse(r, mark, "a list is longer than 65536");
    BASIN_TRY(basin__tree_add(r->forest, out, parent, kind, r->error));
    basin__tree *node = *out;
    node->line = mark->line + 1;
    node->column = mark->column + 1;
    if (parent && parent->kind == BASIN__MAP) {
        node->key = r->key;
        node->key_line = r->key_line;
        node->key_column = r->key_column;
        r->key_due = true;
    }
    if (!parent)
        r->root = node;
    return BASIN_OK;
}

static basin_status take_word(
    reader *r, struct fy_event *event, const struct fy_mark *mark)
{
    size_t length = 0;
    struct fy_token *token = event->scalar.value;
    if (event->scalar.anchor || event->scalar.tag)
        return refuse(r, mark, "anchors (&) and tags (!) are not used here");
    const char *text = token ? fy_token_get_text(token, &length) : "";
    if (!text)
        return basin_error_set(
            r->error, BASIN_E_MEMORY, "no memory for a text");
    const basin__tree *top = r->depth ? r->stack[r->depth - 1] : NULL;
    if (top && top->kind == BASIN__MAP && r->key_due)
        return take_key(r, token, mark, text, length);
    basin__tree *node;
    BASIN_TRY(add(r, &node, BASIN__WORD, mark));
    node->quoted = token && fy_token_scalar_style(token) != FYSS_PLAIN;
    if (!node->quoted && (length == 0 || (length == 1 && text[0] == '~') ||
                             (length == 4 && memcmp(text, "null", 4) == 0)))
        length = 0;
    /* an empty value has no place of its own: its key has */
    if (length == 0 && node->key) {
        node->line = node->key_line;
        node->column = node->key_column;
    }
    return basin__forest_text(r->forest, &node->word, text, length, r->error);
}

static basin_status open_node(
    reader *r, basin__tree_kind kind, const struct fy_mark *mark, bool marked)
{
    basin__tree *node;
    if (marked)
        return refuse(r, mark, "anchors (&) and tags (!) are not used here");
    if (r->depth == DEPTH)
        return refuse(r, mark, "nested too deep");
    BASIN_TRY(add(r, &node, kind, mark));
    r->stack[r->depth++] = node;
    r->key_due = kind == BASIN__MAP;
    return BASIN_OK;
}

static void close_node(reader *r)
{
    r->depth--;
    r->key_due = r->depth && r->stack[r->depth - 1]->kind == BASIN__MAP;
}

static basin_status take_event(reader *r, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    if (mark)
        r->last = *mark;
    mark = &r->last;
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return r->documents++ == 0
                   ? BASIN_OK
                   : refuse(r, mark, "a second document; one is enough");
    case FYET_MAPPING_START:
        return open_node(r, BASIN__MAP, mark,
            event->mapping_start.anchor || event->mapping_start.tag);
    case FYET_SEQUENCE_START:
        return open_node(r, BASIN__LIST, mark,
            event->sequence_start.anchor || event->sequence_start.tag);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END: close_node(r); return BASIN_OK;
    case FYET_SCALAR: return take_word(r, event, mark);
    case FYET_ALIAS:
        return refuse(r, mark, "aliases (*) are not used here; see 'share'");
    default: return BASIN_OK;
    }
}

/** What libfyaml has against the text. */
static basin_status say_why(reader *r, struct fy_diag *diag)
{
    void *at = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(diag, &at);
    if (!first || !first->msg)
        return refuse(r, NULL, "no valid YAML");
    char quote[BASIN__QUOTE];
    basin_error_set(r->error, BASIN_E_FORMAT, "no valid YAML: %s",
        basin__quote(quote, first->msg, strlen(first->msg)));
    basin_error_place(r->error, NULL, first->line > 0 ? first->line : 1,
        first->column > 0 ? first->column : 1);
    return BASIN_E_FORMAT;
}

static basin_status read_events(
    reader *r, struct fy_parser *parser, struct fy_diag *diag)
{
    basin_status status = BASIN_OK;
    struct fy_event *event;
    while (status == BASIN_OK && (event = fy_parser_parse(parser))) {
        status = take_event(r, event);
        fy_parser_event_free(parser, event);
    }
    if (status == BASIN_OK && fy_parser_get_stream_error(parser))
        return say_why(r, diag);
    if (status == BASIN_OK && (!r->root || r->documents == 0))
        return refuse(r, NULL, "the text is empty; a map is expected");
    return status;
}

/** Only printable UTF-8 goes to the parser. */
static basin_status check_bytes(
    const char *text, size_t size, basin_error *error)
{
    int line = 1;
    size_t begin = 0;
    BASIN_REQUIRE(size <= SIZE, error, BASIN_E_FORMAT,
        "the text has %zu bytes; a description has at most %d", size, SIZE);
    for (size_t i = 0; i < size;) {
        size_t n = basin__utf8(text + i, size - i);
        unsigned char c = (unsigned char)text[i];
        bool control = (c < 0x20 && !strchr("\t\n\r", c)) || c == 0 || c == 127;
        if (n == 0 || control) {
            basin_error_set(error, BASIN_E_FORMAT,
                n == 0 ? "this is no UTF-8" : "a control character");
            basin_error_place(error, NULL, line, (int)(i - begin) + 1);
            return BASIN_E_FORMAT;
        }
        i += n;
        if (c == '\n') {
            line++;
            begin = i;
        }
    }
    return BASIN_OK;
}

basin_status basin__yaml_read(basin__forest *forest, basin__tree **out,
    const void *data, size_t size, basin_error *error)
{
    BASIN_TRY(check_bytes(data, size, error));
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&quiet);
    BASIN_REQUIRE(diag, error, BASIN_E_MEMORY, "no memory to read YAML");
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG |
                                        FYPCF_JSON_NONE |
                                        FYPCF_DEFAULT_VERSION_1_2,
        .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    reader r = {.forest = forest, .error = error};
    basin_status status =
        size == 0 ? refuse(&r, NULL, "the text is empty; a map is expected")
        : parser && fy_parser_set_string(parser, data, size) == 0
            ? read_events(&r, parser, diag)
            : basin_error_set(error, BASIN_E_MEMORY, "no memory to read YAML");
    if (parser)
        fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    *out = r.root;
    return status;
}

#else

basin_status basin__yaml_read(basin__forest *forest, basin__tree **out,
    const void *data, size_t size, basin_error *error)
{
    (void)forest;
    (void)data;
    (void)size;
    *out = NULL;
    return basin_error_set(error, BASIN_E_SERVE,
        "this Basin was built without libfyaml, and reads no YAML; install "
        "libfyaml-dev and build again");
}

#endif
