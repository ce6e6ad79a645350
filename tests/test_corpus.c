/* SPDX-License-Identifier: MIT
 *
 * Tests of labelled sequences as text: CRFsuite's attributes as CRFsuite 0.12.2
 * reads them, columns with the templates of CRF++ 0.59 and the patterns of
 * Wapiti 1.5.0 as these expand them, and where mistakes are found. What the
 * three programs make of these inputs was seen in their own dumps and models.
 */
#include "test_corpus.h"

static memory m;

/* ------------------------------------------------------------ dictionaries */

static void dictionaries(void **state)
{
    (void)state;
    enum { N = 20000 };
    basin_error error = {0};
    basin_dictionary *d, *copy;
    assert_ok(basin_dictionary_create(&d, m.ctx, &error), &error);
    assert_int_equal(basin_dictionary_find(d, "x", 1), -1);
    char name[32];
    int32_t id;
    for (int i = 0; i < N; i++) {
        size_t length = basin_format(name, sizeof name, "%d", i * 7);
        assert_ok(basin_dictionary_add(&id, d, name, length, &error), &error);
        assert_int_equal(id, i);
    }
    assert_ok(basin_dictionary_add(&id, d, "", 0, &error), &error);
    assert_int_equal(id, N);
    assert_ok(basin_dictionary_copy(&copy, d, &error), &error);
    assert_int_equal(basin_dictionary_count(copy), N + 1);
    for (int i = 0; i < N; i++) {
        size_t length = basin_format(name, sizeof name, "%d", i * 7), there;
        assert_int_equal(basin_dictionary_find(copy, name, length), i);
        assert_string_equal(basin_dictionary_name(copy, i, &there), name);
        assert_int_equal(there, length);
        /* a name is found by all of it, not by how it begins */
        if (length > 1 && i * 7 / 10 % 7)
            assert_int_equal(basin_dictionary_find(copy, name, length - 1), -1);
    }
    assert_int_equal(basin_dictionary_find(copy, "", 0), N);
    assert_int_equal(basin_dictionary_find(copy, "nothing", 7), -1);
    assert_int_equal(
        basin_dictionary_add(&id, copy, "a\0b", 3, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "NUL");
    basin_dictionary_destroy(copy);
    basin_dictionary_destroy(d);
}

static void dictionaries_from_text(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_dictionary *d;
    assert_ok(
        basin_dictionary_restore(&d, m.ctx, "a\0\0bc", 6, &error), &error);
    assert_int_equal(basin_dictionary_count(d), 3);
    assert_int_equal(basin_dictionary_find(d, "bc", 2), 2);
    assert_int_equal(basin_dictionary_find(d, "", 0), 1);
    basin_dictionary_destroy(d);
    assert_int_equal(
        basin_dictionary_restore(&d, m.ctx, "a\0b", 3, &error), BASIN_E_FORMAT);
    assert_says(&error, "does not end");
    assert_null(d);
    assert_int_equal(
        basin_dictionary_restore(&d, m.ctx, "a\0a", 4, &error), BASIN_E_FORMAT);
    assert_says(&error, "twice");
}

/* ----------------------------------------------------------------- reading */

static void assert_reads(const char *tmpl, const char *text, const char *right)
{
    reading r;
    basin_error error = {0};
    basin_bytes shown;
    assert_ok(reading_open(&r, m.ctx, tmpl, &error), &error);
    assert_ok(reading_take(&r, text, strlen(text), &error), &error);
    reading_show(&shown, &r);
    assert_string_equal((char *)shown.data, right);
    basin_bytes_finish(&shown);
    reading_close(&r);
}

static void assert_refused(
    const char *tmpl, const char *text, int line, int column, const char *words)
{
    reading r;
    basin_error error = {0};
    assert_ok(reading_open(&r, m.ctx, tmpl, &error), &error);
    static const char good[] = "zu zy A\n"; /* stays when what follows fails */
    reading_take(&r, good, tmpl ? sizeof good - 1 : 0, NULL);
    r.corpus->line = 1;
    int32_t n = r.corpus->sequences.n;
    assert_int_equal(
        reading_take(&r, text, strlen(text), &error), BASIN_E_FORMAT);
    assert_says(&error, words);
    assert_int_equal(error.line, line);
    assert_int_equal(error.column, column);
    assert_int_equal(r.corpus->sequences.n, n);
    assert_int_equal(r.corpus->sequences.positions, n);
    assert_int_equal(r.corpus->sequences.start[n], n);
    reading_close(&r);
}

static void attributes(void **state)
{
    (void)state;
    assert_reads(NULL, "A\tx\ty:2\n\nB\tz", "A x y=2|B z|");
    assert_reads(NULL, "A\nB\r\n\r\n\n\nC\tx\r\n", "A;B|C x|");
    assert_reads(NULL, "", "");
    assert_reads(NULL, "\n\n", "");
    assert_reads(NULL, "A", "A|");
    /* empty fields count for nothing, blanks belong to names */
    assert_reads(NULL, "\tA\t\tx\t\n\t\n \tz y\n", "A x;  z y|");
    /* : and \ escaped, all other backslashes stay */
    assert_reads(NULL,
        "A\tp\\#q\tr\\\\\ts\\\\\\:t\tu\\v:2\t\\:w\ty\\:1:3\tz\\\n",
        "A p\\#q r\\ s\\:t u\\v=2 :w y:1=3 z\\|");
    /* a second colon begins another field, whose name is empty */
    assert_reads(
        NULL, "A\tq:2:3\tg::2\t::3\t:4\te:1:\n", "A q=2 =3 g =2  =3 =4 e |");
    assert_reads(NULL, "A\\:b:3:5\ty\n", "A:b =5 y|");
    /* no comments */
    assert_reads(NULL, "# c\t#d\n", "# c #d|");
    assert_reads(
        NULL, "A\ta: -3e1\tb:2x\tc:x\td:.5\n", "A a=-30 b=2 c=0 d=0.5|");
    assert_reads(
        NULL, "@weight:2\tA\tx\n@weight:0.5\nB\n\nA\tx\n", "A x;B*0.5|A x|");
    assert_reads(NULL,
        "\xEF\xBB\xBF"
        "A\tx\n",
        "A x|");
}

static void attributes_refused(void **state)
{
    (void)state;
    assert_refused(NULL, "A\tx\n@foo\tb\n", 2, 1, "no declaration");
    assert_refused(NULL, "A\tx\n@weight:-1\tA\n", 2, 1, "0 or more");
    assert_refused(NULL, "A\tx\n\nA\ty\tx:nan\n", 3, 7, "not finite");
    assert_refused(NULL, "A\tx:1e39\n", 1, 5, "not finite");
    assert_refused(NULL, "\n\xE9t\xE9 NN B-NP\n", 2, 1, "need a template");
    assert_refused(NULL,
        "\xFF\xFE"
        "A\t",
        0, 0, "UTF-16");
    basin_error error = {0};
    reading r;
    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    assert_int_equal(
        reading_take(&r, "A\tx\r\nB\tp\0q\n", 10, &error), BASIN_E_FORMAT);
    assert_says(&error, "NUL");
    assert_int_equal(error.line, 2);
    assert_int_equal(error.column, 4);
    reading_close(&r);
}

static void odd_things(void **state)
{
    (void)state;
    basin_error error = {0};
    reading r;
    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    static const char text[] = "A\tx:1\nA\ty:1z\tw:\n\nA\tz:q\n";
    assert_ok(reading_take(&r, text, sizeof text - 1, &error), &error);
    assert_int_equal(r.corpus->odd, 2);
    assert_int_equal(r.corpus->odd_line, 2);
    assert_int_equal(r.corpus->format, BASIN_CORPUS_ATTRIBUTES);
    assert_true(r.corpus->transitions);
    reading_close(&r);
}

/** Tagging: nothing is added, and every line is a position. */
static void frozen(void **state)
{
    (void)state;
    basin_error error = {0};
    reading r;
    basin_bytes shown;
    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    static const char train[] = "A\tx\ty\nB\tx\n";
    assert_ok(reading_take(&r, train, sizeof train - 1, &error), &error);
    basin_corpus_destroy(r.corpus);
    r.corpus = NULL;
    r.def.frozen = r.def.frozen_labels = true;
    static const char text[] = "C\tz\tx:2\n@q\ty\n\t\nB\tw\n";
    assert_ok(reading_take(&r, text, sizeof text - 1, &error), &error);
    reading_show(&shown, &r);
    assert_string_equal((char *)shown.data, "? x=2;? y;?;B|");
    basin_bytes_finish(&shown);
    assert_int_equal(r.corpus->unknown, 2);
    assert_int_equal(basin_dictionary_count(r.def.nodes), 2);
    assert_int_equal(basin_dictionary_count(r.def.labels), 2);
    assert_int_equal(r.corpus->sequences.node.count, 2);
    /* where each line begins */
    const int64_t right[] = {0, 8, 13, 15};
    assert_memory_equal(r.corpus->offset, right, sizeof right);
    reading_close(&r);
}

/* ----------------------------------------------------------------- columns */

static void crfpp(void **state)
{
    (void)state;
    assert_reads("# c\nU0:%x[0,0]\nU1:%x[-1,0]/%x[0,1]\n\nB\n",
        "a x A\nb\t y  B \n\n\nc z A",
        "A U0:a U1:_B-1/x;B U0:b U1:a/y|A U0:c U1:_B-1/z|");
    assert_reads("U%x[-8,0]%x[8,0]\nUx\nB:%x[-1,0]\nB\r\nB2\n", "a A\nb B\n",
        "A U_B-8_B+7 Ux;B U_B-7_B+8 Ux >B:a >B2|");
    /* a line that begins with a blank separates, whatever is on it */
    assert_reads("U:%x[0,0]\n", "a A\n b B\nc A\n \nd B", "A U:a|A U:c|B U:d|");
    assert_reads(
        "U:%x[0,0]", "a A\r\nb B\r\n\r\nc C\r\n", "A U:a;B U:b|C U:c|");
    assert_reads("U:%x[0,1]", "\xFF\xC3 \x80 A\n", "A U:\x80|");
    assert_reads("U", "A\n", "A U|");
}

static void crfpp_marks(void **state)
{
    (void)state;
    basin_error error = {0};
    reading r;
    assert_ok(reading_open(&r, m.ctx, "U:%x[0,0]\nB%x[0,0]\n", &error), &error);
    assert_ok(reading_take(&r, "a A\n b B\n", 9, &error), &error);
    assert_int_equal(r.corpus->odd, 1);
    assert_int_equal(r.corpus->odd_line, 2);
    assert_false(r.corpus->transitions);
    assert_int_equal(basin_template_dialect(r.tmpl), BASIN_DIALECT_CRFPP);
    assert_int_equal(basin_template_columns(r.tmpl), 1);
    assert_int_equal(basin_template_count(r.tmpl), 2);
    reading_close(&r);
}

static void wapiti(void **state)
{
    (void)state;
    assert_reads("u:%x[-9,0] lo # c\n\n#d\n*ab:%X[@-1,0]\nb:%x[@1,0]\nb\n",
        "  AbC x A\nd y B\n \t\nABC q C\n",
        "A u:_x-# lo *ab:d;B u:_x-# lo *ab:d >*ab:d >b:AbC|"
        "C u:_x-# lo *ab:abc|");
    assert_reads("u:%x[ -1, 0]%x[+1,0]%x[0x1,0]%x[-00,0]%x[010,0]\n",
        "a A\nb B\n", "A u:_x-1bba_x+#;B u:a_x+1_x+1b_x+#|");
    assert_reads("u:%x[@3,0]%x[@0,0]%x[@-9,0]", "a A\n", "A u:_x+2_x-1_x-#|");
    /* capital first letters become small */
    assert_reads("U:%X[0,0]\nB\n", "\xC3\x89 A\n", "A u:\xC3\x89|");
    /* rows may have other columns than others */
    assert_reads(
        "u:%x[0,0]%t[1,0,\"x\"]", "a b A\nc B\n", "A u:afalse;B u:ctrue|");
    /* without patterns the columns are the attributes */
    assert_reads(NULL, "uax bt A\nb *q B\n", "A uax;B *q >b >*q|");
}

static void expressions(void **state)
{
    (void)state;
    static const struct {
        const char *tmpl, *right;
    } cases[] = {
        {"u%t[0,0,\"^\\u\"]%t[0,0,\"\\d$\"]%t[0,0,\"x\"]", "utruetruefalse"},
        {"u%m[0,0,\"\\l*-\"]", "ubc-"}, /* * takes as little as it can */
        {"u%m[0,0,\"^\\l*\"]|", "u|"},
        {"u%m[0,0,\"\\d*$\"]", "u42"},
        {"u%M[0,0,\"\\a\\a?\"]", "uab"},
        {"u%m[0,0,\"\\P\\p.\"]", "uc-4"},
        {"u%m[0,0,\"\\w\\W\\D?\\d\"]", "uc-4"},
        {"u%m[0,0,\"\\s\"]%m[0,0,\"\\S\\U\\A*\"]", "uAb"},
        {"u%m[0,0,\"A?Ab.\"]", "uAbc-"}, /* the oddity: one byte too many */
        {"u%m[0,0,\"\\-\\4\"]", "u-4"},
        {"u%t[0,0,\"\"]%t[0,0,\"$\"]%t[0,0,\"^$\"]", "utruetruefalse"},
        {"u%m[0,0,\"a$c\"]%t[0,0,\"-^\"]", "ufalse"},

    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char right[64];
        basin_format(right, sizeof right, "A %s|", cases[i].right);
        assert_reads(cases[i].tmpl, "Abc-42 A\n", right);
    }
}

static void columns_refused(void **state)
{
    (void)state;
    assert_refused("U:%x[0,0]", "a x A\nb y\n", 2, 1, "2 columns");
    assert_refused("#\nU:%x[0,2]", "a x A\n", 1, 1, "line 2 of the template");
    assert_refused("u:%x[0,1]", "a x A\nb B\n", 2, 1, "column 1");
    assert_refused("b:%x[-1,1]", "a A\nb x B\n", 1, 1, "1 column ");
    assert_refused(NULL, "ux A\nq B\n", 2, 1, "begins with u, b or *");
}

static void assert_template_refused(
    const char *tmpl, int line, int column, const char *words)
{
    basin_error error = {0};
    basin_template *t;
    assert_int_equal(basin_template_read(&t, m.ctx, tmpl, strlen(tmpl),
                         BASIN_DIALECT_FIND, &error),
        BASIN_E_FORMAT);
    assert_null(t);
    assert_says(&error, words);
    assert_int_equal(error.line, line);
    assert_int_equal(error.column, column);
}

static void templates_refused(void **state)
{
    (void)state;
    assert_template_refused("", 0, 0, "no line");
    assert_template_refused("# only\n\n", 0, 0, "no line");
    assert_template_refused("U\n X:%x[0,0]\n", 2, 1, "U or B");
    assert_template_refused("U:%x[0,0", 1, 3, "no end");
    assert_template_refused("U:%x[0,0%x[0,0]", 1, 9, "no end");
    assert_template_refused("U:%x[0]", 1, 7, "comma");
    assert_template_refused("U:%x[,]", 1, 6, "a row");
    assert_template_refused("U:%x[0,]", 1, 8, "a column");
    assert_template_refused("U:%x[+1,0]", 1, 6, "a row");
    assert_template_refused("B\nU:%x[-9,0]", 2, 6, "-8 to 8");
    assert_template_refused("U:%x 0", 1, 5, "[ is expected");
    assert_template_refused("U:100%", 1, 6, "begins a macro");
    assert_template_refused("U:%%", 1, 3, "begins a macro");
    assert_template_refused("U:%x[0,99999999999]", 1, 8, "a column");
    assert_template_refused("u:%x[0,0]\nx:%x[0,0]", 2, 1, "u, b or *");
    assert_template_refused("u:%t[0,0]", 1, 9, "in quotes");
    assert_template_refused("u:%m[0,0,\"a#b\"]", 1, 10, "no end");
    assert_template_refused("u:%m[0,0,\"a**\"]", 1, 11, "to repeat");
    assert_template_refused("u:%m[0,0,\"^?\"]", 1, 11, "to repeat");
    assert_template_refused("u:%m[0,0,\"a\\\"]", 1, 10, "no end");
    assert_template_refused("u:%x[*0,1]", 1, 6, "a row");
    assert_template_refused("u:%m[0,0,\"a\"", 1, 3, "no end");
}

/** Expressions are matched by recursion, which must not go too deep. */
static void deep_expressions(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    char *text = malloc(N + 16);
    memcpy(text, "u:%m[0,0,\"", 10);
    for (int i = 10; i < N; i++)
        text[i] = i % 2 ? '*' : 'a';
    memcpy(text + N, "\"]", 3);
    assert_template_refused(text, 1, 11, "more than 100");
    free(text);
    char hundred[256] = "u:%m[0,0,\"";
    for (int i = 0; i < 50; i++)
        memcpy(hundred + 10 + 4 * i, "a*b?", 4);
    memcpy(hundred + 210, "\"]", 3);
    assert_reads(hundred, "xab A\n", "A u:|");
}

static void templates_kept(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_template *t, *again;
    static const char text[] = "U:%x[0,0]  # c\n#\nb\n";
    assert_ok(basin_template_read(
                  &t, m.ctx, text, sizeof text - 1, BASIN_DIALECT_FIND, &error),
        &error);
    assert_int_equal(basin_template_dialect(t), BASIN_DIALECT_WAPITI);
    size_t size;
    assert_string_equal(basin_template_text(t, &size), "u:%x[0,0]\nb\n");
    assert_ok(basin_template_read(&again, m.ctx, basin_template_text(t, &size),
                  size, BASIN_DIALECT_WAPITI, &error),
        &error);
    assert_true(basin_template_transitions(again));
    assert_string_equal(
        basin_template_text(again, &size), basin_template_text(t, &size));
    basin_template_destroy(again);
    basin_template_destroy(t);
}

/** An expression that takes for ever on a token is an error, not a hang. */
static void endless(void **state)
{
    (void)state;
    enum { N = 20000 };
    char *text = malloc(N + 3);
    memset(text, 'a', N);
    memcpy(text + N, " A", 3);
    assert_refused("u:%m[0,0,\"a*a*a*b\"]", text, 1, 1, "takes too long");
    free(text);
}

/* ---------------------------------------------------------- piece by piece */

static void streams(void **state)
{
    (void)state;
    basin_error error = {0};
    reading r;
    assert_ok(reading_open(&r, m.ctx, "U:%x[0,0]\n", &error), &error);
    r.def.unlabelled = true;
    assert_ok(reading_take(&r, "a\nb\n\n", 5, &error), &error);
    assert_null(r.corpus->sequences.label);
    assert_int_equal(r.corpus->sequences.positions, 2);
    assert_int_equal(r.corpus->line, 4);
    assert_int_equal(basin_corpus_whole(r.corpus, "", 0), 0);
    assert_int_equal(basin_corpus_whole(r.corpus, "c\nd\n", 4), 0);
    assert_int_equal(basin_corpus_whole(r.corpus, "c\n\nd\n\n\ne", 8), 7);
    assert_int_equal(basin_corpus_whole(r.corpus, "c\r\n\r\nd\n", 7), 5);
    assert_int_equal(basin_corpus_whole(r.corpus, "c\n \nd", 5), 4);
    basin_corpus_clear(r.corpus);
    assert_int_equal(r.corpus->sequences.n, 0);
    assert_ok(reading_take(&r, "c\n\nd\n", 5, &error), &error);
    assert_int_equal(r.corpus->sequences.n, 2);
    assert_int_equal(r.corpus->line, 7);
    /* a second text goes on behind the first */
    assert_ok(reading_take(&r, "\ne", 2, &error), &error);
    assert_int_equal(r.corpus->sequences.n, 3);
    assert_int_equal(r.corpus->offset[2], 6);
    reading_close(&r);
}

static void written(void **state)
{
    (void)state;
    basin_error error = {0};
    reading r;
    basin_bytes out;
    basin_bytes_init(&out, m.ctx);
    assert_ok(reading_open(&r, m.ctx, "Uw:%x[0,0]\nB\n", &error), &error);
    static const char text[] = "a\\:b A\nb B:\n\nc A\n";
    assert_ok(reading_take(&r, text, sizeof text - 1, &error), &error);
    assert_ok(basin_corpus_write(&out, r.corpus, &error), &error);
    assert_ok(basin_bytes_append(&out, "", 1, &error), &error);
    assert_string_equal(
        (char *)out.data, "A\tUw\\:a\\\\\\:b\nB\\:\tUw\\:b\n\nA\tUw\\:c\n\n");
    reading_close(&r);

    static const char both[] =
        "@weight:0.25\nA\tx:-0.5\t:1\t\\::3\nB\n\nA\ty\n\n";
    out.size = 0;
    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    assert_ok(reading_take(&r, both, sizeof both - 1, &error), &error);
    assert_ok(basin_corpus_write(&out, r.corpus, &error), &error);
    assert_int_equal(out.size, sizeof both - 1);
    assert_memory_equal(out.data, both, out.size);
    reading_close(&r);

    /* what would be taken for a mark of the text or for the end of a line */
    out.size = 0;
    assert_ok(reading_open(&r, m.ctx, "U%x[0,0]\n", &error), &error);
    assert_ok(reading_take(&r,
                  "a\r \xEF\xBB\xBF"
                  "A\n",
                  7, &error),
        &error);
    assert_ok(basin_corpus_write(&out, r.corpus, &error), &error);
    static const char marked[] = "\t\xEF\xBB\xBF"
                                 "A\tUa\r\t\n\n";
    assert_int_equal(out.size, sizeof marked - 1);
    assert_memory_equal(out.data, marked, out.size);
    reading_close(&r);

    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    assert_ok(basin_corpus_create(&r.corpus, m.ctx, &r.def, &error), &error);
    assert_ok(
        basin_corpus_attribute(r.corpus, false, "a\tb", 1, &error), &error);
    assert_ok(basin_corpus_position(r.corpus, "A", &error), &error);
    assert_ok(basin_corpus_sequence(r.corpus, 1, &error), &error);
    assert_int_equal(basin_corpus_write(&out, r.corpus, &error), BASIN_E_SERVE);
    assert_says(&error, "a tab");
    reading_close(&r);

    out.size = 0;
    assert_ok(reading_open(&r, m.ctx, "B%x[0,0]\n", &error), &error);
    assert_ok(reading_take(&r, "a A\nb B\n", 8, &error), &error);
    assert_int_equal(basin_corpus_write(&out, r.corpus, &error), BASIN_E_SERVE);
    assert_says(&error, "steps");
    reading_close(&r);

    assert_ok(reading_open(&r, m.ctx, "U%x[0,0]\n", &error), &error);
    assert_ok(reading_take(&r, "a A\nb @\n", 8, &error), &error);
    assert_int_equal(basin_corpus_write(&out, r.corpus, &error), BASIN_E_SERVE);
    assert_says(&error, "'@'");
    assert_int_equal(out.size, 0);
    reading_close(&r);

    assert_ok(reading_open(&r, m.ctx, "U%x[0,0]\n", &error), &error);
    r.def.unlabelled = true;
    assert_ok(reading_take(&r, "a\n", 2, &error), &error);
    assert_int_equal(
        basin_corpus_write(&out, r.corpus, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "no label");
    reading_close(&r);
    basin_bytes_finish(&out);
}

/** A text that is refused leaves nothing behind, not even its form. */
static void refused_first(void **state)
{
    (void)state;
    basin_error error = {0};
    reading r;
    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    assert_int_equal(reading_take(&r, "A\tx\n@y\n", 8, &error), BASIN_E_FORMAT);
    assert_int_equal(r.corpus->format, BASIN_CORPUS_FIND);
    assert_ok(reading_take(&r, "ux A\n", 5, &error), &error);
    assert_int_equal(r.corpus->format, BASIN_CORPUS_FEATURES);
    reading_close(&r);
    assert_ok(reading_open(&r, m.ctx, "U:%x[0,0]", &error), &error);
    assert_int_equal(
        reading_take(&r, "a b A\na A\n", 10, &error), BASIN_E_FORMAT);
    assert_ok(reading_take(&r, "a A\n", 4, &error), &error);
    assert_int_equal(r.corpus->sequences.n, 1);
    reading_close(&r);
}

static void made_by_hand(void **state)
{
    (void)state;
    basin_error error = {0};
    reading r;
    basin_bytes shown;
    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    assert_ok(basin_corpus_create(&r.corpus, m.ctx, &r.def, &error), &error);
    basin_corpus *c = r.corpus;
    assert_int_equal(
        basin_corpus_attribute(c, true, "e", 1, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "first position");
    assert_int_equal(
        basin_corpus_attribute(c, false, "e", 1e30f * 1e30f, &error),
        BASIN_E_NONFINITE);
    assert_ok(basin_corpus_attribute(c, false, "x", 1, &error), &error);
    assert_ok(basin_corpus_position(c, "A", &error), &error);
    assert_ok(basin_corpus_attribute(c, false, "x", .5f, &error), &error);
    assert_ok(basin_corpus_attribute(c, true, "e", 2, &error), &error);
    assert_ok(basin_corpus_position(c, NULL, &error), &error);
    assert_int_equal(c->sequences.n, 0);
    assert_int_equal(basin_corpus_sequence(c, -1, &error), BASIN_E_RANGE);
    assert_ok(basin_corpus_sequence(c, 3, &error), &error);
    assert_ok(basin_corpus_sequence(c, 1, &error), &error); /* empty: none */
    assert_ok(basin_corpus_position(c, "B", &error), &error);
    /* a text ends the sequence that was being made */
    assert_ok(reading_take(&r, "C\ty\n", 4, &error), &error);
    reading_show(&shown, &r);
    assert_string_equal((char *)shown.data, "A x;? x=0.5 >e=2*3|B|C y|");
    basin_bytes_finish(&shown);
    reading_close(&r);
}

static void pruned(void **state)
{
    (void)state;
    basin_error error = {0};
    reading r;
    basin_bytes shown;
    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    static const char text[] =
        "uz ua A\nb1 uy ua *q A\n\nuz *q ub B\nb1 *q A\n";
    assert_ok(reading_take(&r, text, sizeof text - 1, &error), &error);
    assert_ok(basin_corpus_prune(r.corpus, 1, &error), &error);
    assert_int_equal(r.corpus->sequences.node.count, 5);
    assert_ok(basin_corpus_prune(r.corpus, 2, &error), &error);
    reading_show(&shown, &r);
    assert_string_equal(
        (char *)shown.data, "A uz ua;A ua *q >b1 >*q|B uz *q;A *q >b1 >*q|");
    basin_bytes_finish(&shown);
    assert_int_equal(r.corpus->sequences.node.count, 3);
    assert_int_equal(basin_dictionary_find(r.def.nodes, "uy", 2), -1);
    assert_int_equal(basin_dictionary_find(r.def.nodes, "*q", 2), 2);
    assert_ok(basin_corpus_prune(r.corpus, 3, &error), &error);
    reading_show(&shown, &r);
    assert_string_equal((char *)shown.data, "A;A *q|B *q;A *q|");
    basin_bytes_finish(&shown);
    assert_null(r.corpus->sequences.edge.start);
    assert_int_equal(r.corpus->sequences.edge.count, 0);
    reading_close(&r);

    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    assert_ok(reading_take(&r, "A\tx\ty:2\tz:3\nB\tz:4\n", 18, &error), &error);
    assert_ok(basin_corpus_prune(r.corpus, 2, &error), &error);
    reading_show(&shown, &r);
    assert_string_equal((char *)shown.data, "A z=3;B z=4|");
    basin_bytes_finish(&shown);
    reading_close(&r);
}

/* ------------------------------------------------------------------ limits */

/** 10 MB in one line: one token, many tokens, many attributes. */
static void long_lines(void **state)
{
    (void)state;
    enum { N = 10 << 20 };
    basin_error error = {0};
    char *text = malloc(N + 3);
    static const struct {
        const char *tmpl;
        char odd;
        int64_t nodes;
    } cases[] = {{"U:%x[0,0]", 'a', 1}, {"U:%x[0,3]", ' ', 1}, {NULL, 'a', 0},
        {NULL, '\t', N / 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reading r;
        memset(text, 'a', N);
        for (int j = 1; j < N; j += 2)
            text[j] = cases[i].odd;
        memcpy(text + N, " A", 3);
        assert_ok(reading_open(&r, m.ctx, cases[i].tmpl, &error), &error);
        /* a first line, so that the template does not seem to be missing */
        assert_ok(reading_take(&r, "A\tb\n\n", cases[i].tmpl ? 0 : 5, &error),
            &error);
        assert_ok(reading_take(&r, text, N + 2, &error), &error);
        const basin_sequences *s = &r.corpus->sequences;
        assert_int_equal(s->node.start[s->positions] - (cases[i].tmpl ? 0 : 1),
            cases[i].nodes);
        reading_close(&r);
    }
    free(text);
}

static void definitions(void **state)
{
    (void)state;
    basin_error error = {0};
    reading r;
    assert_ok(reading_open(&r, m.ctx, NULL, &error), &error);
    basin_corpus_def def = r.def;
    basin_corpus *c;
    def.format = BASIN_CORPUS_COLUMNS;
    assert_int_equal(
        basin_corpus_create(&c, m.ctx, &def, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "template");
    def = r.def;
    def.nodes = NULL;
    assert_int_equal(
        basin_corpus_create(&c, m.ctx, &def, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "dictionaries");
    def = (basin_corpus_def){0};
    assert_int_equal(
        basin_corpus_create(&c, m.ctx, &def, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "basin_corpus_default");
    assert_null(c);
    assert_ok(basin_corpus_create(&c, m.ctx, &r.def, &error), &error);
    assert_int_equal(
        basin_corpus_read_file(c, "/nowhere/at/all", &error), BASIN_E_IO);
    basin_corpus_destroy(c);
    reading_close(&r);
}

static basin_status attributes_body(memory *mem, basin_error *error)
{
    static const char text[] =
        "A\tx\ty\\:1\nB\tz:2\n\n@weight:2\tB\tx\n\nC\tw\tv\tu\n";
    reading r;
    basin_bytes out;
    basin_bytes_init(&out, mem->ctx);
    basin_status status = reading_open(&r, mem->ctx, NULL, error);
    if (status == BASIN_OK)
        status = reading_take(&r, text, sizeof text - 1, error);
    if (status == BASIN_OK)
        status = basin_corpus_write(&out, r.corpus, error);
    basin_bytes_finish(&out);
    reading_close(&r);
    return status;
}

static basin_status columns_body(memory *mem, basin_error *error)
{
    static const char tmpl[] = "u%x[0,0]%m[1,0,\"a*\"]\n*:%x[-1,0]\nb\n";
    static const char text[] = "a A\nb B\nc A\n\nd B\n\ne C\n";
    reading r;
    basin_status status = reading_open(&r, mem->ctx, tmpl, error);
    if (status == BASIN_OK)
        status = reading_take(&r, text, sizeof text - 1, error);
    basin_dictionary *copy = NULL;
    if (status == BASIN_OK)
        status = basin_dictionary_copy(&copy, r.def.nodes, error);
    if (status == BASIN_OK)
        status = basin_corpus_prune(r.corpus, 2, error);
    basin_dictionary_destroy(copy);
    reading_close(&r);
    return status;
}

static void without_memory(void **state)
{
    (void)state;
    assert_survives_no_memory(attributes_body);
    assert_survives_no_memory(columns_body);
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
        cmocka_unit_test(dictionaries),
        cmocka_unit_test(dictionaries_from_text),
        cmocka_unit_test(attributes),
        cmocka_unit_test(attributes_refused),
        cmocka_unit_test(odd_things),
        cmocka_unit_test(frozen),
        cmocka_unit_test(crfpp),
        cmocka_unit_test(crfpp_marks),
        cmocka_unit_test(wapiti),
        cmocka_unit_test(expressions),
        cmocka_unit_test(columns_refused),
        cmocka_unit_test(templates_refused),
        cmocka_unit_test(deep_expressions),
        cmocka_unit_test(templates_kept),
        cmocka_unit_test(endless),
        cmocka_unit_test(streams),
        cmocka_unit_test(written),
        cmocka_unit_test(refused_first),
        cmocka_unit_test(made_by_hand),
        cmocka_unit_test(pruned),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(definitions),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
