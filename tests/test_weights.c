/* SPDX-License-Identifier: MIT
 *
 * Tests of trained chains: small models of CRFsuite, CRF++ and Wapiti, written
 * here by hand in their formats; models cut and broken; and our own text. With
 * BASIN_PEERS, the folder of the three programs, also the models that they
 * train, against what they say of them themselves.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "test_data.h"

#include "basin/weights.h"

#include <stdio.h>

static memory m;

/* ----------------------------------------------------------------- showing */

static void show_list(basin_bytes *out, const basin_chain_weights *w,
    const basin_chain_weight *list, int64_t n)
{
    basin_error error = {0};
    for (int64_t i = 0; i < n; i++) {
        const basin_chain_weight *it = &list[i];
        const basin_dictionary *d = it->from < 0 ? w->nodes : w->edges;
        if (it->attribute >= 0)
            basin_bytes_print(out, &error,
                "%s:", basin_dictionary_name(d, it->attribute, NULL));
        if (it->from >= 0)
            basin_bytes_print(out, &error, "%s>",
                basin_dictionary_name(w->labels, it->from, NULL));
        assert_ok(
            basin_bytes_print(out, &error, "%s=%g ",
                basin_dictionary_name(w->labels, it->label, NULL), it->value),
            &error);
    }
}

/** "attribute:from>label=weight ..." */
static void assert_weights(const char *model, size_t size, const char *right)
{
    basin_error error = {0};
    basin_chain_weights *w;
    basin_bytes shown;
    basin_bytes_init(&shown, m.ctx);
    assert_ok(basin_chain_weights_read(&w, m.ctx, model, size, &error), &error);
    show_list(&shown, w, w->node, w->n_node);
    show_list(&shown, w, w->transition, w->n_transition);
    show_list(&shown, w, w->edge, w->n_edge);
    assert_ok(basin_bytes_append(&shown, "", 1, &error), &error);
    assert_string_equal((char *)shown.data, right);
    basin_bytes_finish(&shown);
    basin_chain_weights_destroy(w);
}

static void assert_model_refused(const char *model, size_t size,
    basin_status status, int line, const char *words)
{
    basin_error error = {0};
    basin_chain_weights *w;
    assert_int_equal(
        basin_chain_weights_read(&w, m.ctx, model, size, &error), status);
    assert_null(w);
    assert_says(&error, words);
    assert_int_equal(error.line, line);
}

/** Every beginning of a model but the whole is refused. */
static void assert_cuts_refused(const char *model, size_t size, size_t step)
{
    for (size_t n = 0; n < size; n += step) {
        char *copy = malloc(n ? n : 1);
        memcpy(copy, model, n);
        basin_error error = {0};
        basin_chain_weights *w;
        basin_status status =
            basin_chain_weights_read(&w, m.ctx, copy, n, &error);
        if (status == BASIN_OK)
            fail_msg("the first %zu of %zu bytes were taken", n, size);
        assert_null(w);
        assert_int_not_equal(strlen(error.message), 0);
        free(copy);
    }
}

/** One byte changed, everywhere: never a crash, and no error without words. */
static void assert_survives_changes(const char *model, size_t size, size_t step)
{
    static const unsigned char masks[] = {0x01, 0x80, 0xFF};
    char *copy = malloc(size);
    for (size_t i = 0; i < size * 3; i += step) {
        memcpy(copy, model, size);
        copy[i / 3] = (char)(copy[i / 3] ^ masks[i % 3]);
        basin_error error = {0};
        basin_chain_weights *w;
        if (basin_chain_weights_read(&w, m.ctx, copy, size, &error) != BASIN_OK)
            assert_int_not_equal(strlen(error.message), 0);
        basin_chain_weights_destroy(w);
    }
    free(copy);
}

/* ---------------------------------------------------------------- CRFsuite */

static void put32(char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> 8 * i & 0xFF);
}

static size_t put_names(char *to, const char *const *names, uint32_t n)
{
    size_t at = 24, list;
    memset(to, 0, 24);
    memcpy(to, "CQDB", 4);
    put32(to + 12, 0x62445371);
    size_t place[8];
    for (uint32_t i = 0; i < n; i++) {
        size_t length = strlen(names[i]) + 1;
        place[i] = at;
        put32(to + at, i);
        put32(to + at + 4, (uint32_t)length);
        memcpy(to + at + 8, names[i], length);
        at += 8 + length;
    }
    list = at;
    for (uint32_t i = 0; i < n; i++, at += 4)
        put32(to + at, (uint32_t)place[i]);
    put32(to + 4, (uint32_t)at);
    put32(to + 16, n);
    put32(to + 20, (uint32_t)list);
    return at;
}

/** Two labels, two attributes, three features. */
static size_t crfsuite_model(char *to)
{
    static const char *const labels[] = {"A", "B"}, *const names[] = {"x", ""};
    static const struct {
        uint32_t type, from, to;
        double weight;
    } features[] = {{0, 1, 0, .5}, {1, 0, 1, -2.25}, {0, 0, 1, 3}};
    size_t at = 48;
    memset(to, 0, 48);
    memcpy(to, "lCRF", 4);
    memcpy(to + 8, "FOMC", 4);
    put32(to + 12, 100);
    put32(to + 20, 2);
    put32(to + 24, 2);
    put32(to + 28, (uint32_t)at);
    memcpy(to + at, "FEAT", 4);
    put32(to + at + 4, 12 + 60);
    put32(to + at + 8, 3);
    at += 12;
    for (int i = 0; i < 3; i++, at += 20) {
        put32(to + at, features[i].type);
        put32(to + at + 4, features[i].from);
        put32(to + at + 8, features[i].to);
        uint64_t bits;
        memcpy(&bits, &features[i].weight, 8);
        put32(to + at + 12, (uint32_t)bits);
        put32(to + at + 16, (uint32_t)(bits >> 32));
    }
    put32(to + 32, (uint32_t)at);
    at += put_names(to + at, labels, 2);
    put32(to + 36, (uint32_t)at);
    at += put_names(to + at, names, 2);
    put32(to + 4, (uint32_t)at);
    return at;
}

static void crfsuite(void **state)
{
    (void)state;
    char model[512];
    size_t size = crfsuite_model(model);
    assert_weights(model, size, ":A=0.5 x:B=3 A>B=-2.25 ");
    assert_cuts_refused(model, size, 1);
    assert_survives_changes(model, size, 1);
    model[12] = 99;
    assert_model_refused(model, size, BASIN_E_SERVE, 0, "version 99");
    crfsuite_model(model);
    put32(model + 48 + 12, 2);
    assert_model_refused(model, size, BASIN_E_FORMAT, 0, "feature 0");
    crfsuite_model(model);
    put32(model + 24, 0xFFFFFFFF);
    assert_model_refused(model, size, BASIN_E_FORMAT, 0, "attributes reach");
    crfsuite_model(model);
    assert_model_refused(
        model, size - 1, BASIN_E_FORMAT, 0, "says that it has");
}

/* ------------------------------------------------------------------- CRF++ */

static const char crfpp_text[] = "version: 100\ncost-factor: 1\nmaxid: 12\n"
                                 "xsize: 1\n\nA\nB\n\nU:%x[0,0]\nB\nBx%x[0,0]\n"
                                 "\n2 U:a b\n0 U:c\n4 B\n8 Bxa\n\n0.5\n0\n-1\n"
                                 "0.25\n1\n2\n3\n4\n0\n0\n5e-1\n0.0\n";

static void crfpp(void **state)
{
    (void)state;
    assert_weights(crfpp_text, sizeof crfpp_text - 1,
        "U:a b:A=-1 U:a b:B=0.25 U:c:A=0.5 A>A=1 A>B=2 B>A=3 B>B=4 "
        "Bxa:B>A=0.5 ");
    assert_cuts_refused(crfpp_text, sizeof crfpp_text - 1, 1);
    assert_survives_changes(crfpp_text, sizeof crfpp_text - 1, 1);
    static const struct {
        const char *from, *to, *words;
        basin_status status;
        int line;
    } cases[] = {
        {"100", "101", "version 101", BASIN_E_SERVE, 0},
        {"maxid: 12", "maxid: 1x", "whole number", BASIN_E_FORMAT, 3},
        {"A\nB\n\n", "A\nA\n\n", "twice", BASIN_E_FORMAT, 0},
        {"%x[0,0]\nB\n", "%x[0,9\nB\n", "no end", BASIN_E_FORMAT, 9},
        {"8 Bxa", "9 Bxa", "9 to 12", BASIN_E_FORMAT, 16},
        {"0 U:c", "0 X:c", "U or B", BASIN_E_FORMAT, 14},
        {"0 U:c", "0_U:c", "a space", BASIN_E_FORMAT, 14},
        {"2 U:a b\n0 U:c", "2 U:c\n0 U:c", "twice", BASIN_E_FORMAT, 14},
        {"-1\n", "1-\n", "a weight", BASIN_E_FORMAT, 20},
        {"-1\n", "inf\n", "a weight", BASIN_E_FORMAT, 20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        const char *at = strstr(crfpp_text, cases[i].from);
        size_t length = basin_format(text, sizeof text, "%s", crfpp_text);
        size_t before = (size_t)(at - crfpp_text);
        length = before + basin_format(text + before, sizeof text - before,
                              "%s%s", cases[i].to, at + strlen(cases[i].from));
        assert_model_refused(
            text, length, cases[i].status, cases[i].line, cases[i].words);
    }
    assert_model_refused(
        "d\0\0\0\0\0\0\0\0", 9, BASIN_E_FORMAT, 0, "in its header");
    assert_model_refused("", 0, BASIN_E_FORMAT, 0, "empty");
    assert_model_refused("hello", 5, BASIN_E_FORMAT, 0, "any model");
}

enum { ROOM = 300, NODES = 12, BINARY = 200 + ROOM * NODES * 8 };

/** A double array in which each base has a room of its own. */
typedef struct array {
    char *units;
    int bases;
} array;

static int step_to(array *a, int unit, int offset)
{
    if (!a->units[unit * 8] && !a->units[unit * 8 + 1])
        put32(a->units + unit * 8, (uint32_t)(a->bases++ * ROOM + 1));
    int base = (unsigned char)a->units[unit * 8] +
               (unsigned char)a->units[unit * 8 + 1] * 256;
    put32(a->units + (base + offset) * 8 + 4, (uint32_t)base);
    return base + offset;
}

/** The model of crfpp_text in binary. */
static size_t crfpp_binary(char *to)
{
    static const char labels[] = "A\0B";
    static const char lines[] = "U:%x[0,0]\0B\0Bx%x[0,0]\0\0\0";
    static const float weights[] = {.5f, 0, -1, .25f, 1, 2, 3, 4, 0, 0, .5f, 0};
    static const struct {
        const char *name;
        int first;
    } names[] = {{"U:a b", 2}, {"U:c", 0}, {"B", 4}, {"Bxa", 8}};
    size_t at = 32;
    memset(to, 0, BINARY);
    put32(to, 100);
    put32(to + 16, 12);
    put32(to + 20, 1);
    put32(to + 24, ROOM * NODES * 8);
    put32(to + 28, sizeof labels);
    memcpy(to + at, labels, sizeof labels);
    at += sizeof labels;
    put32(to + at, sizeof lines);
    memcpy(to + at + 4, lines, sizeof lines);
    at += 4 + sizeof lines;
    array a = {to + at, 0};
    for (int i = 0; i < 4; i++) {
        int unit = 0;
        for (const char *c = names[i].name; *c; c++)
            unit = step_to(&a, unit, *c + 1);
        unit = step_to(&a, unit, 0);
        put32(a.units + unit * 8, (uint32_t)(-names[i].first - 1));
    }
    at += ROOM * NODES * 8;
    for (int i = 0; i < 12; i++, at += 4) {
        uint32_t bits;
        memcpy(&bits, &weights[i], 4);
        put32(to + at, bits);
    }
    return at;
}

static void crfpp_in_binary(void **state)
{
    (void)state;
    char *model = malloc(BINARY);
    size_t size = crfpp_binary(model);
    assert_weights(model, size,
        "U:a b:A=-1 U:a b:B=0.25 U:c:A=0.5 A>A=1 A>B=2 B>A=3 B>B=4 "
        "Bxa:B>A=0.5 ");
    assert_cuts_refused(model, size, 97);
    assert_survives_changes(model, size, 101);
    assert_survives_changes(model, 100, 1);
    put32(model + 24, 4);
    assert_model_refused(model, size, BASIN_E_FORMAT, 0, "its parts");
    crfpp_binary(model);
    put32(model + size - 4, 0x7f800000);
    assert_model_refused(model, size, BASIN_E_FORMAT, 0, "not finite");
    crfpp_binary(model);
    put32(model + 28, 0xffffffff);
    assert_model_refused(model, size, BASIN_E_FORMAT, 0, "in its labels");
    free(model);
}

/* ------------------------------------------------------------------ Wapiti */

static const char wapiti_text[] =
    "#mdl#2#5\n#rdr#4/1/0\n9:u:%x[0,0],\n8:*%x[0,0],\n1:b,\n9:b:%x[0,0],\n"
    "#qrk#2\n1:A,\n1:B,\n#qrk#5\n3:u:a,\n1:b,\n2:*a,\n3:b:a,\n4:u:\nb,\n"
    "1=0x1.8p+0\n4=-0x1p-2\n7=0.125\n9=0x1.0000000000001p0\n17=0x1p-1074\n";

static void wapiti(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_chain_weights *w;
    size_t size = sizeof wapiti_text - 1;
    assert_weights(wapiti_text, size,
        "u:a:B=1.5 *a:B=0.125 u:\nb:B=4.94066e-324 B>A=-0.25 *a:A>B=1 ");
    assert_cuts_refused(wapiti_text, size, 1);
    assert_survives_changes(wapiti_text, size, 1);
    assert_ok(
        basin_chain_weights_read(&w, m.ctx, wapiti_text, size, &error), &error);
    assert_int_equal(w->kind, BASIN_WEIGHTS_CRF);
    assert_int_equal(w->source, BASIN_WEIGHTS_WAPITI);
    assert_int_equal(basin_template_count(w->tmpl), 4);
    assert_true(w->edge[0].value == 0x1.0000000000001p0);
    basin_chain_weights_destroy(w);
    static const struct {
        const char *from, *to, *words;
        basin_status status;
        int line;
    } cases[] = {
        {"#mdl#2", "#mdl#3", "0 to 2", BASIN_E_FORMAT, 1},
        {"1/0\n", "1/1\n", "--me", BASIN_E_SERVE, 0},
        {"9:u:", "10:u:", "a comma", BASIN_E_FORMAT, 3},
        {"%x[0,0],\n8", "%y[0,0],\n8", "macro", BASIN_E_FORMAT, 3},
        {"1:A,", "x:A,", "length", BASIN_E_FORMAT, 8},
        {"1:B,", "1:A,", "twice", BASIN_E_FORMAT, 0},
        {"3:u:a", "3:x:a", "u, b or *", BASIN_E_FORMAT, 11},
        {"\n1=", "\n18=", "at most 17", BASIN_E_FORMAT, 17},
        {"0x1.8p+0", "0x1.8q+0", "a weight", BASIN_E_FORMAT, 17},
        {"0.125", "nan", "a weight", BASIN_E_FORMAT, 19},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        const char *at = strstr(wapiti_text, cases[i].from);
        size_t length = basin_format(text, sizeof text, "%s", wapiti_text);
        size_t before = (size_t)(at - wapiti_text);
        length = before + basin_format(text + before, sizeof text - before,
                              "%s%s", cases[i].to, at + strlen(cases[i].from));
        assert_model_refused(
            text, length, cases[i].status, cases[i].line, cases[i].words);
    }
}

/* ---------------------------------------------------------------- our text */

static const char our_text[] =
    "basin-chain 1\nlabel\tA\nlabel\tB\\t\\\\\ntemplate\twapiti\n"
    "pattern\tu:%x[0,0]\t1\npattern\tb\nnode\tu:x\tB\\t\\\\\t0.1\n"
    "transition\tA\tB\\t\\\\\t-2\nedge\tb\\n\\r:\tB\\t\\\\\tA\t1e-300\nend\n";

static void assert_writes(const char *model, size_t size, const char *right)
{
    basin_error error = {0};
    basin_chain_weights *w;
    basin_bytes out;
    basin_bytes_init(&out, m.ctx);
    assert_ok(basin_chain_weights_read(&w, m.ctx, model, size, &error), &error);
    assert_ok(basin_chain_weights_write(&out, w, &error), &error);
    assert_ok(basin_bytes_append(&out, "", 1, &error), &error);
    assert_string_equal((char *)out.data, right);
    basin_bytes_finish(&out);
    basin_chain_weights_destroy(w);
}

static void our_own(void **state)
{
    (void)state;
    assert_writes(our_text, sizeof our_text - 1, our_text);
    /* the end of the last line may be missing, as some editors leave it */
    assert_cuts_refused(our_text, sizeof our_text - 2, 1);
    assert_survives_changes(our_text, sizeof our_text - 1, 1);
    char model[512];
    size_t size = crfsuite_model(model);
    assert_writes(model, size,
        "basin-chain 1\nlabel\tA\nlabel\tB\nnode\t\tA\t0.5\nnode\tx\tB\t3\n"
        "transition\tA\tB\t-2.25\nend\n");
    /* edited: comments, blank lines, a new attribute, any order */
    static const char edited[] =
        "basin-chain 1\r\n# mine\r\n\r\nlabel\tA\r\nlabel\tB\r\n"
        "transition\tB\tA\t1\r\nnode\tnew\tA\t2\r\nnode\tnew\tA\t.5\r\nend\r\n"
        "# more of mine\n";
    assert_weights(edited, sizeof edited - 1, "new:A=2 new:A=0.5 B>A=1 ");
    static const struct {
        const char *text, *words;
        basin_status status;
        int line, column;
    } cases[] = {
        {"basin-chain 2\n", "another version", BASIN_E_SERVE, 0, 0},
        {"basin-chain 1\nlable\tA\n", "begins with", BASIN_E_FORMAT, 2, 1},
        {"basin-chain 1\nlabel\tA\nlabel\tA\n", "twice", BASIN_E_FORMAT, 3, 7},
        {"basin-chain 1\nlabel\n", "label and a name", BASIN_E_FORMAT, 2, 1},
        {"basin-chain 1\nlabel\tA\nnode\tx\tB\t1\n", "no label", BASIN_E_FORMAT,
            3, 8},
        {"basin-chain 1\nlabel\tA\nnode\tx\tA\t1,5\n", "a weight",
            BASIN_E_FORMAT, 3, 10},
        {"basin-chain 1\nlabel\tA\nnode\tx\tA\n", "3 fields", BASIN_E_FORMAT, 3,
            1},
        {"basin-chain 1\nlabel\tA\nedge\tx\tA\tA\t1\t2\n", "more than",
            BASIN_E_FORMAT, 3, 14},
        {"basin-chain 1\nlabel\tA\nnode\tx\\q\tA\t1\n", "backslash",
            BASIN_E_FORMAT, 3, 7},
        {"basin-chain 1\nlabel\tA\nnode\tx\tA\t1\nlabel\tB\n", "before all",
            BASIN_E_FORMAT, 4, 1},
        {"basin-chain 1\npattern\tU\n", "after the line", BASIN_E_FORMAT, 2, 1},
        {"basin-chain 1\ntemplate\tmine\n", "crfpp", BASIN_E_FORMAT, 2, 1},
        {"basin-chain 1\ntemplate\tcrfpp\n\npattern\tB\npattern\tU%x\nend\n",
            "[ is expected", BASIN_E_FORMAT, 5, 4},
        {"basin-chain 1\nlabel\tA\nend\nnode\tx\tA\t1\n", "after the line",
            BASIN_E_FORMAT, 4, 1},
        {"basin-chain 1\nlabel\tA\nnode\tx\tA\t1\n", "after line 3",
            BASIN_E_FORMAT, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        basin_error error = {0};
        basin_chain_weights *w;
        assert_int_equal(basin_chain_weights_read(&w, m.ctx, cases[i].text,
                             strlen(cases[i].text), &error),
            cases[i].status);
        assert_says(&error, cases[i].words);
        assert_int_equal(error.line, cases[i].line);
        assert_int_equal(error.column, cases[i].column);
    }
}

static void built(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_chain_weights *w;
    basin_template *t;
    int32_t id;
    assert_ok(basin_chain_weights_create(&w, m.ctx, &error), &error);
    basin_chain_weight weight = {0, -1, 0, 1.0};
    assert_int_equal(basin_chain_weights_add(w, weight, &error), BASIN_E_RANGE);
    assert_ok(basin_dictionary_add(&id, w->labels, "A", 1, &error), &error);
    assert_int_equal(basin_chain_weights_add(w, weight, &error), BASIN_E_RANGE);
    assert_ok(basin_dictionary_add(&id, w->nodes, "x", 1, &error), &error);
    assert_ok(basin_chain_weights_add(w, weight, &error), &error);
    weight.attribute = -1;
    assert_int_equal(basin_chain_weights_add(w, weight, &error), BASIN_E_RANGE);
    weight.from = 0;
    assert_ok(basin_chain_weights_add(w, weight, &error), &error);
    weight.value = 1e308 * 10;
    assert_int_equal(
        basin_chain_weights_add(w, weight, &error), BASIN_E_NONFINITE);
    assert_int_equal(w->n_node, 1);
    assert_int_equal(w->n_transition, 1);
    assert_int_equal(w->n_edge, 0);
    assert_ok(basin_template_read(
                  &t, m.ctx, "U%x[0,0]\nB", 10, BASIN_DIALECT_FIND, &error),
        &error);
    assert_ok(basin_chain_weights_template(w, t, &error), &error);
    basin_template_destroy(t);
    assert_int_equal(basin_template_count(w->tmpl), 2);
    assert_ok(basin_chain_weights_template(w, NULL, &error), &error);
    assert_null(w->tmpl);
    basin_chain_weights_destroy(w);
}

/* --------------------------------------------------------------- the peers */

static const char train[] = "He PRP B-NP\nsees VBZ B-VP\na DT B-NP\ndog NN I-NP"
                            "\n\nA DT B-NP\ndog NN I-NP\nsees VBZ B-VP\n\n"
                            "They PRP B-NP\nsaw VBD B-VP\nhim PRP B-NP\n. . O"
                            "\n";
static const char patterns[] =
    "U0:%x[0,0]\nU1:%x[-1,1]/%x[0,1]\nU2:%x[2,0]\nB\nB1:%x[0,1]\n";

static void write_text(const char *path, const char *text)
{
    basin_error error = {0};
    assert_ok(basin_file_write(path, text, strlen(text), &error), &error);
}

static void read_text(basin_bytes *out, const char *path)
{
    basin_error error = {0};
    out->size = 0;
    assert_ok(basin_file_read(out, path, &error), &error);
    assert_ok(basin_bytes_append(out, "", 1, &error), &error);
    out->size--;
}

/** Run a program of the peers in a folder of the test. */
static void run(const char *folder, const char *format)
{
    char command[2048];
    basin_format(command, sizeof command, format, getenv("BASIN_PEERS"), folder,
        folder, folder, folder);
    if (system(command) != 0)
        fail_msg("this failed: %s", command);
}

/** Each line that the peer's dump has of a weight must be one of ours. */
static void assert_line(const basin_bytes *dump, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (!strstr((const char *)dump->data, line))
        fail_msg("the peer does not have the line '%s'", line);
}

static void count_lines(const basin_bytes *dump, const char *with, int64_t n)
{
    int64_t found = 0;
    for (const char *at = (const char *)dump->data; (at = strstr(at, with));
         at++)
        found++;
    assert_int_equal(found, n);
}

static bool open_folder(char folder[64])
{
    if (!getenv("BASIN_PEERS")) {
        print_message("SKIPPED: BASIN_PEERS does not name the folder of "
                      "crfsuite, crf_learn and wapiti\n");
        return false;
    }
    memcpy(folder, "/tmp/basin-peers-XXXXXX", 24);
    assert_non_null(mkdtemp(folder));
    return true;
}

static void close_folder(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static const char *name_of(const basin_dictionary *d, int32_t id)
{
    return basin_dictionary_name(d, id, NULL);
}

static basin_chain_weights *read_model(const char *folder, const char *name)
{
    char path[128];
    basin_error error = {0};
    basin_bytes bytes;
    basin_chain_weights *w;
    basin_bytes_init(&bytes, m.ctx);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    read_text(&bytes, path);
    assert_ok(
        basin_chain_weights_read(&w, m.ctx, bytes.data, bytes.size, &error),
        &error);
    basin_bytes_finish(&bytes);
    return w;
}

/** What we convert CRFsuite trains on; its dump has our weights. */
static void peer_crfsuite(void **state)
{
    (void)state;
    char folder[64], path[128];
    basin_error error = {0};
    if (!open_folder(folder))
        skip();
    basin_corpus_def def = basin_corpus_default();
    basin_corpus *c;
    basin_template *t;
    basin_bytes bytes;
    basin_bytes_init(&bytes, m.ctx);
    assert_ok(basin_dictionary_create(&def.labels, m.ctx, &error), &error);
    assert_ok(basin_dictionary_create(&def.nodes, m.ctx, &error), &error);
    assert_ok(basin_dictionary_create(&def.edges, m.ctx, &error), &error);
    assert_ok(basin_template_read(&t, m.ctx, patterns,
                  strlen(patterns) - strlen("B1:%x[0,1]\n"), BASIN_DIALECT_FIND,
                  &error),
        &error);
    def.tmpl = t;
    assert_ok(basin_corpus_create(&c, m.ctx, &def, &error), &error);
    assert_ok(basin_corpus_read(c, train, strlen(train), &error), &error);
    assert_ok(basin_corpus_write(&bytes, c, &error), &error);
    snprintf(path, sizeof path, "%s/train", folder);
    assert_ok(basin_file_write(path, bytes.data, bytes.size, &error), &error);
    run(folder, "%s/crfsuite learn -m %s/m %s/train > %s/log");
    run(folder, "%s/crfsuite dump %s/m > %s/dump");
    basin_chain_weights *w = read_model(folder, "m");
    snprintf(path, sizeof path, "%s/dump", folder);
    read_text(&bytes, path);
    assert_string_equal(name_of(w->labels, 0), "B-NP");
    assert_int_equal(basin_dictionary_count(w->labels), 4);
    count_lines(&bytes, "\n  (0) ", w->n_node);
    count_lines(&bytes, "\n  (1) ", w->n_transition);
    for (int64_t i = 0; i < w->n_node; i++)
        assert_line(&bytes, "  (0) %s --> %s: %f\n",
            name_of(w->nodes, w->node[i].attribute),
            name_of(w->labels, w->node[i].label), w->node[i].value);
    for (int64_t i = 0; i < w->n_transition; i++)
        assert_line(&bytes, "  (1) %s --> %s: %f\n",
            name_of(w->labels, w->transition[i].from),
            name_of(w->labels, w->transition[i].label), w->transition[i].value);
    /* the names are those of the corpus that was written */
    for (int32_t i = 0; i < basin_dictionary_count(w->nodes); i++) {
        size_t length;
        const char *name = basin_dictionary_name(w->nodes, i, &length);
        assert_true(basin_dictionary_find(def.nodes, name, length) >= 0);
    }
    basin_chain_weights_destroy(w);
    basin_corpus_destroy(c);
    basin_template_destroy(t);
    basin_dictionary_destroy(def.labels);
    basin_dictionary_destroy(def.nodes);
    basin_dictionary_destroy(def.edges);
    basin_bytes_finish(&bytes);
    close_folder(folder);
}

/** A corpus read with a model's template has the model's names, no more. */
static void assert_same_names(const basin_chain_weights *w)
{
    basin_error error = {0};
    basin_corpus_def def = basin_corpus_default();
    basin_corpus *c;
    def.labels = w->labels;
    assert_ok(basin_dictionary_create(&def.nodes, m.ctx, &error), &error);
    assert_ok(basin_dictionary_create(&def.edges, m.ctx, &error), &error);
    def.tmpl = w->tmpl;
    def.frozen_labels = true;
    assert_ok(basin_corpus_create(&c, m.ctx, &def, &error), &error);
    assert_ok(basin_corpus_read(c, train, strlen(train), &error), &error);
    assert_int_equal(
        basin_dictionary_count(def.nodes), basin_dictionary_count(w->nodes));
    for (int32_t i = 0; i < basin_dictionary_count(w->nodes); i++) {
        size_t length;
        const char *name = basin_dictionary_name(w->nodes, i, &length);
        assert_true(basin_dictionary_find(def.nodes, name, length) >= 0);
    }
    for (int32_t i = 0; i < basin_dictionary_count(def.edges); i++) {
        size_t length;
        const char *name = basin_dictionary_name(def.edges, i, &length);
        assert_true(basin_dictionary_find(w->edges, name, length) >= 0);
    }
    for (int64_t i = 0; i < c->sequences.positions; i++)
        assert_true(c->sequences.label[i] >= 0);
    basin_corpus_destroy(c);
    basin_dictionary_destroy(def.nodes);
    basin_dictionary_destroy(def.edges);
}

/** A weight of the binary model is that of the text, as a float. */
static void assert_same_edge(const basin_chain_weights *text,
    const basin_chain_weights *binary, const basin_chain_weight *weight)
{
    const char *name = name_of(binary->edges, weight->attribute);
    int32_t id = basin_dictionary_find(text->edges, name, strlen(name));
    for (int64_t i = 0; i < text->n_edge; i++) {
        const basin_chain_weight *it = &text->edge[i];
        if (it->attribute == id && it->from == weight->from &&
            it->label == weight->label) {
            assert_true((float)it->value == (float)weight->value);
            return;
        }
    }
    fail_msg("'%s' has no such weight in the text", name);
}

static void peer_crfpp(void **state)
{
    (void)state;
    char folder[64], path[128];
    if (!open_folder(folder))
        skip();
    snprintf(path, sizeof path, "%s/t", folder);
    write_text(path, patterns);
    snprintf(path, sizeof path, "%s/train", folder);
    write_text(path, train);
    run(folder, "%s/crf_learn -t %s/t %s/train %s/m > %s/log");
    basin_chain_weights *w = read_model(folder, "m.txt");
    assert_int_equal(basin_dictionary_count(w->labels), 4);
    assert_string_equal(name_of(w->labels, 3), "O"); /* sorted */
    assert_same_names(w);
    /* its count of features: labels and pairs of them */
    basin_bytes log;
    basin_bytes_init(&log, m.ctx);
    snprintf(path, sizeof path, "%s/log", folder);
    read_text(&log, path);
    assert_line(&log, "Number of features:  %d\n",
        4 * basin_dictionary_count(w->nodes) +
            16 * (1 + basin_dictionary_count(w->edges)));
    basin_bytes_finish(&log);
    basin_chain_weights *binary = read_model(folder, "m");
    assert_same_names(binary);
    assert_int_equal(binary->n_node, w->n_node);
    assert_int_equal(binary->n_transition, w->n_transition);
    assert_int_equal(binary->n_edge, w->n_edge);
    for (int64_t i = 0; i < w->n_edge; i++)
        assert_same_edge(w, binary, &binary->edge[i]);
    basin_chain_weights_destroy(binary);
    basin_chain_weights_destroy(w);
    close_folder(folder);
}

static void peer_wapiti(void **state)
{
    (void)state;
    char folder[64], path[128];
    if (!open_folder(folder))
        skip();
    snprintf(path, sizeof path, "%s/t", folder);
    write_text(path, "u0:%x[0,0]\nu1:%m[-1,1,\"..?\"]/%X[@1,0]\nb\n"
                     "*2:%t[1,0,\"^\\l*$\"]\n");
    snprintf(path, sizeof path, "%s/train", folder);
    write_text(path, train);
    run(folder, "%s/wapiti train -p %s/t %s/train %s/m 2> %s/log");
    run(folder, "%s/wapiti dump -p 17 %s/m %s/dump 2> %s/log");
    basin_chain_weights *w = read_model(folder, "m");
    basin_bytes dump;
    basin_bytes_init(&dump, m.ctx);
    snprintf(path, sizeof path, "%s/dump", folder);
    read_text(&dump, path);
    assert_same_names(w);
    count_lines(&dump, "\t#\t", w->n_node);
    for (int64_t i = 0; i < w->n_node; i++)
        assert_line(&dump, "%s\t#\t%s\t%.17f\n",
            name_of(w->nodes, w->node[i].attribute),
            name_of(w->labels, w->node[i].label), w->node[i].value);
    for (int64_t i = 0; i < w->n_transition; i++)
        assert_line(&dump, "b\t%s\t%s\t%.17f\n",
            name_of(w->labels, w->transition[i].from),
            name_of(w->labels, w->transition[i].label), w->transition[i].value);
    for (int64_t i = 0; i < w->n_edge; i++)
        assert_line(&dump, "%s\t%s\t%s\t%.17f\n",
            name_of(w->edges, w->edge[i].attribute),
            name_of(w->labels, w->edge[i].from),
            name_of(w->labels, w->edge[i].label), w->edge[i].value);
    assert_true(w->n_edge > 0 && w->n_transition > 0);
    basin_bytes_finish(&dump);
    basin_chain_weights_destroy(w);
    close_folder(folder);
}

/* -------------------------------------------------------------- and memory */

static basin_status read_all(memory *mem, basin_error *error)
{
    char model[512];
    size_t size = crfsuite_model(model);
    const struct {
        const char *text;
        size_t size;
    } all[] = {{model, size}, {crfpp_text, sizeof crfpp_text - 1},
        {wapiti_text, sizeof wapiti_text - 1}, {our_text, sizeof our_text - 1}};
    for (int i = 0; i < 4; i++) {
        basin_chain_weights *w;
        BASIN_TRY(basin_chain_weights_read(
            &w, mem->ctx, all[i].text, all[i].size, error));
        basin_bytes out;
        basin_bytes_init(&out, mem->ctx);
        basin_status status = basin_chain_weights_write(&out, w, error);
        if (status == BASIN_OK && w->tmpl)
            status = basin_chain_weights_template(w, w->tmpl, error);
        basin_bytes_finish(&out);
        basin_chain_weights_destroy(w);
        BASIN_TRY(status);
    }
    return BASIN_OK;
}

static void without_memory(void **state)
{
    (void)state;
    assert_survives_no_memory(read_all);
}

static int open_all(void **state)
{
    (void)state;
    memory_open(&m);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    memory_close(&m);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crfsuite),
        cmocka_unit_test(crfpp),
        cmocka_unit_test(crfpp_in_binary),
        cmocka_unit_test(wapiti),
        cmocka_unit_test(our_own),
        cmocka_unit_test(built),
        cmocka_unit_test(peer_crfsuite),
        cmocka_unit_test(peer_crfpp),
        cmocka_unit_test(peer_wapiti),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
