/* SPDX-License-Identifier: MIT
 *
 * Labelled sequences as text: the files of CRFsuite (attributes), of CRF++ and
 * CoNLL (columns and a template) and of Wapiti (columns and patterns), read
 * into what a chain observes, with dictionaries of the names.
 *
 *     basin_corpus_def def = basin_corpus_default();
 *     def.labels = labels, def.nodes = nodes, def.edges = edges;
 *     basin_corpus_create(&corpus, ctx, &def, &error);
 *     basin_corpus_read_file(corpus, "train.txt", &error);
 *     ... corpus->sequences ...
 *     basin_corpus_destroy(corpus);
 */
#ifndef BASIN_CORPUS_H
#define BASIN_CORPUS_H

#include "basin/data.h"
#include "basin/sequences.h"

BASIN_BEGIN_DECLS

/* ------------------------------------------------------------ dictionaries */

/** Names and their ids, 0, 1, 2, ... in the order in which they came. A name
 *  is any bytes without NUL. Finding is safe from several threads at once. */
typedef struct basin_dictionary basin_dictionary;

/** An empty dictionary. Errors: E_MEMORY. */
BASIN_API basin_status basin_dictionary_create(
    basin_dictionary **out, basin_context *ctx, basin_error *error);
/** NULL is fine. */
BASIN_API void basin_dictionary_destroy(basin_dictionary *dictionary);
/** A dictionary with the same names and ids. Errors: E_MEMORY. */
BASIN_API basin_status basin_dictionary_copy(basin_dictionary **out,
    const basin_dictionary *dictionary, basin_error *error);

/** The id of a name, which is added if it is new. @param length in bytes
 *  Errors: E_MEMORY, E_RANGE (2^31 - 1 names), E_ARGUMENT (a NUL in it). */
BASIN_API basin_status basin_dictionary_add(int32_t *id,
    basin_dictionary *dictionary, const char *name, size_t length,
    basin_error *error);
/** @return the id of a name, or -1 where it is unknown */
BASIN_API int32_t basin_dictionary_find(
    const basin_dictionary *dictionary, const char *name, size_t length);
/** How many names there are. */
BASIN_API int32_t basin_dictionary_count(const basin_dictionary *dictionary);
/** @param id 0 .. count-1 @param length may be NULL
 *  @return the name, which ends in NUL; valid until a name is added */
BASIN_API const char *basin_dictionary_name(
    const basin_dictionary *dictionary, int32_t id, size_t *length);
/** @return all names in the order of their ids, each ending in NUL: what a
 *  model file keeps. Valid until a name is added. */
BASIN_API const char *basin_dictionary_text(
    const basin_dictionary *dictionary, size_t *size);
/** The dictionary of which this is the text. Errors: E_FORMAT (it does not
 *  end in NUL, or a name is there twice), E_MEMORY, E_RANGE. */
BASIN_API basin_status basin_dictionary_restore(basin_dictionary **out,
    basin_context *ctx, const char *text, size_t size, basin_error *error);

/* --------------------------------------------------------------- templates */

/** Whose language a template is written in. */
typedef enum basin_dialect {
    BASIN_DIALECT_FIND = 0,  /**< found by itself */
    BASIN_DIALECT_CRFPP = 1, /**< U and B lines, %x[row,column] */
    BASIN_DIALECT_WAPITI = 2 /**< u, b and * lines, %x %t %m, regular
                                  expressions, absolute rows */
} basin_dialect;

/** How attributes are made from columns. */
typedef struct basin_template basin_template;

/**
 * Read a template. In CRF++'s language a line that begins with U makes an
 * attribute of the position, one with B an attribute of the step to it, and #
 * begins a comment; %x[row,column] is the token so many rows below (row from
 * -8 to 8), or _B-1, _B-2, ... before the start and _B+1, ... after the end.
 * In Wapiti's, * makes both; %x is the token, %t[row,column,"regex"] true or
 * false, %m[row,column,"regex"] what matches, %X, %T and %M the same in small
 * letters; a row may be absolute, @1 being the first and @-1 the last; outside
 * are _x-1 ... _x-4, _x-# and _x+1 ... _x+4, _x+#.
 *
 * A line of B, b or * without a macro is the plain transition between labels:
 * see basin_corpus.transitions.
 *
 * Errors: E_FORMAT with line and column: an unknown kind of line, a macro that
 * is malformed or has no end, a row out of range, a regular expression that
 * repeats nothing, a NUL byte; E_MEMORY.
 */
BASIN_API basin_status basin_template_read(basin_template **out,
    basin_context *ctx, const void *text, size_t size, basin_dialect dialect,
    basin_error *error);
/** NULL is fine. */
BASIN_API void basin_template_destroy(basin_template *tmpl);
/** CRFPP or WAPITI. */
BASIN_API basin_dialect basin_template_dialect(const basin_template *tmpl);
/** How many columns, besides that of the label, the template reads. */
BASIN_API int32_t basin_template_columns(const basin_template *tmpl);
/** Lines that make attributes. */
BASIN_API int32_t basin_template_count(const basin_template *tmpl);
/** Has it a line of the plain transition? */
BASIN_API bool basin_template_transitions(const basin_template *tmpl);
/** The lines that count, one a line, for a model file: reading them in the
 *  template's dialect gives the same template. Ends in NUL. */
BASIN_API const char *basin_template_text(
    const basin_template *tmpl, size_t *size);

/* ------------------------------------------------------------------ corpus */

/** How sequences are written. */
typedef enum basin_corpus_format {
    /** columns if there is a template; ARRAYS and LETTERS where the bytes look
     *  like it; NUMBERS if the def wants some; FEATURES if the first line has
     *  no tab and several fields; else ATTRIBUTES */
    BASIN_CORPUS_FIND = 0,
    /** CRFsuite: label TAB attribute[:value] TAB ..., a blank line between
     *  sequences; \: and \\ stand for : and \ */
    BASIN_CORPUS_ATTRIBUTES = 1,
    /** columns separated by blanks, from which a template makes attributes;
     *  a blank line between sequences */
    BASIN_CORPUS_COLUMNS = 2,
    /** Wapiti without patterns: the columns are themselves names, which begin
     *  with u, b or * */
    BASIN_CORPUS_FEATURES = 3,
    /** columns separated by blanks, the last of them the label and those before
     *  it numbers, as many as the def says; others before them are skipped */
    BASIN_CORPUS_NUMBERS = 4,
    /** the handwritten letters of Kassel and Taskar as published: id, letter,
     *  next id (-1 at the end of a word), word, position, fold, 128 pixels.
     *  The pixels are numbers; those that are not 0 are attributes too, named
     *  p_0_0 to p_15_7, and each letter has the attribute bias */
    BASIN_CORPUS_LETTERS = 5,
    /** a .npz: x (positions, ...) numbers, y (positions) whole numbers as
     *  labels, length (sequences) */
    BASIN_CORPUS_ARRAYS = 6
} basin_corpus_format;

/** What a corpus is read with; set by basin_corpus_default. Borrowed: all of
 *  it must outlive the corpus. */
typedef struct basin_corpus_def {
    uint32_t cookie;
    basin_corpus_format format;
    const basin_template *tmpl; /**< of COLUMNS; NULL otherwise */
    basin_dictionary *labels;   /**< one each, which may have names already */
    basin_dictionary *nodes;    /**< attributes of positions */
    basin_dictionary *edges;    /**< attributes of steps */
    /** new attributes are not added but left out (they would have id -1) */
    bool frozen;
    /** new labels are not added: such a position has label -1 */
    bool frozen_labels;
    /** columns: there is none for the label, and every label is -1. (The
     *  attributes of CRFsuite always begin with a field for the label.) */
    bool unlabelled;
    /** numbers at each position, which a chain's net sees; 0, the default:
     *  none. Only NUMBERS needs to be told. */
    int32_t dense;
} basin_corpus_def;

/** The defaults: see the members. */
BASIN_API basin_corpus_def basin_corpus_default(void);

/** What was read. All pointers are valid until the next read or the end. */
typedef struct basin_corpus {
    /** what a chain takes: n_labels, node.count and edge.count are those of
     *  the dictionaries after the last read; edge.start is NULL where no step
     *  has an attribute; label is NULL where the corpus is unlabelled */
    basin_sequences sequences;
    /** (n) of each sequence (CRFsuite's @weight), or NULL: all are 1 */
    const float *weight;
    /** (positions) where the line of each begins, in bytes from the start of
     *  the first text that was read */
    const int64_t *offset;
    basin_corpus_format format; /**< as found; FIND before anything is read */
    /** whether pairs of labels have weights of their own: always, unless a
     *  template has no plain B, b or * line */
    bool transitions;
    int64_t unknown; /**< attributes left out because they are unknown */
    /** Things taken as the peer takes them, which are likely mistakes: values
     *  that are no numbers (they count as 0, or as the number they begin with)
     *  and, with CRF++'s templates, lines that begin with a blank but are not
     *  blank (they end a sequence). And the line of the first. */
    int64_t odd;
    int odd_line;
    /** the number of the next line, for messages: 1 at first. Whoever reads a
     *  stream in pieces leaves it alone; set it to 1 for another file. */
    int line;
} basin_corpus;

/** Errors: E_MEMORY; E_ARGUMENT (a missing dictionary or template, or a def
 *  that did not come from basin_corpus_default). */
BASIN_API basin_status basin_corpus_create(basin_corpus **out,
    basin_context *ctx, const basin_corpus_def *def, basin_error *error);
/** NULL is fine. The dictionaries stay. */
BASIN_API void basin_corpus_destroy(basin_corpus *corpus);

/**
 * Append the sequences of a text. An empty text has none, which is no error.
 * CR before a line's end belongs to it, and a byte order mark is skipped.
 * The text is not needed afterwards.
 *
 * Errors: E_FORMAT with line and column: a NUL byte, UTF-16; attributes: an
 * unknown @declaration, a value that is not finite; columns: a line with
 * another number of columns, a column that the template reads and the line has
 * not, a feature that begins with none of u, b, *; no template where columns
 * seem to need one; E_MEMORY, E_RANGE (2^31 - 1 sequences or names). The
 * sequences are then those that were there before; the dictionaries may have
 * grown.
 */
BASIN_API basin_status basin_corpus_read(
    basin_corpus *corpus, const void *text, size_t size, basin_error *error);
/** The same for a file, whose name the error then bears. Errors: E_IO too. */
BASIN_API basin_status basin_corpus_read_file(
    basin_corpus *corpus, const char *path, basin_error *error);

/**
 * Make a corpus in a program, without a text. Give the attributes of a
 * position (and of the step that leads to it), then the position, and after
 * the last position the sequence:
 *
 *     basin_corpus_attribute(corpus, false, "word=He", 1, &error);
 *     basin_corpus_position(corpus, "B-NP", &error);
 *     basin_corpus_sequence(corpus, 1, &error);
 *
 * A template is not used; names are added or left out as when reading.
 * @param edge whether the attribute is one of the step
 * Errors: E_MEMORY, E_RANGE; E_NONFINITE; E_ARGUMENT (an attribute of a step to
 * the first position).
 */
BASIN_API basin_status basin_corpus_attribute(basin_corpus *corpus, bool edge,
    const char *name, float value, basin_error *error);
/** @param label NULL: not known */
BASIN_API basin_status basin_corpus_position(
    basin_corpus *corpus, const char *label, basin_error *error);
/** What is shown of the corpus changes only now. @param weight 1, usually */
BASIN_API basin_status basin_corpus_sequence(
    basin_corpus *corpus, float weight, basin_error *error);

/** Forget the sequences, but neither names, format nor `line`: what a stream
 *  is read with, piece by piece. */
BASIN_API void basin_corpus_clear(basin_corpus *corpus);

/**
 * Leave out the attributes that occur fewer than `least` times in the corpus,
 * from it and from its dictionaries, where the others keep their order and get
 * new ids. For a corpus that is complete and dictionaries that nothing else
 * relies on. (CRF++'s -f.) Errors: E_MEMORY; nothing has changed then.
 */
BASIN_API basin_status basin_corpus_prune(
    basin_corpus *corpus, int64_t least, basin_error *error);

/** @return how many bytes at the start of a text are whole sequences, blank
 *  lines after them included; 0: no sequence has ended yet */
BASIN_API size_t basin_corpus_whole(
    const basin_corpus *corpus, const char *text, size_t size);

/**
 * Append the corpus in CRFsuite's form, names escaped, values where they are
 * not 1. Errors: E_MEMORY; E_SERVE (an attribute of a step, which that form
 * does not have; a label that is empty or begins with @; a name with a tab or
 * the end of a line in it); E_ARGUMENT (a position without a label).
 */
BASIN_API basin_status basin_corpus_write(
    basin_bytes *out, const basin_corpus *corpus, basin_error *error);

BASIN_END_DECLS

#endif
