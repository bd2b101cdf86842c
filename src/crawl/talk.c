/*
 * Sections, indentation and comments of talk pages. Knows of signatures only that signature.h finds them.
 */
#include "crawl/talk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "crawl/signature.h"
#include "text/wikitext.h"

/* Deeper indentation is not told apart. */
#define DEPTH_MAX 64
/* Signatures stand in so much of a line's end. */
#define SIGNATURE_WINDOW 2000

/* A line of the comment that is being gathered. */
struct talk_line {
    size_t start, size; /* within `lines` */
    size_t depth;       /* marks before it */
    bool list;          /* the last of them is "*" or "#" */
    bool blank;
    bool code; /* within <pre> or the like: what stands at its beginning is no indentation */
};

/* What begins and ends text that is no markup, over any number of lines. */
static const char *const CODE[][2] = {{"<pre", "</pre>"},
                                      {"<syntaxhighlight", "</syntaxhighlight>"},
                                      {"<source", "</source>"},
                                      {"<nowiki>", "</nowiki>"}};
#define CODE_KINDS (sizeof CODE / sizeof CODE[0])

struct talk {
    const struct talk_names *names;
    talk_emit *emit;
    void *context;
    size_t thread_level; /* headings up to this level begin threads */
    struct bytes title, text, lines, wikitext, author;
    struct talk_line *pending;
    size_t pending_count, pending_capacity;
    size_t number, thread;         /* the last post, and the first of its thread */
    size_t above[DEPTH_MAX];       /* the last post at each depth of the thread; 0 none */
    size_t depth;                  /* of the last post */
    size_t shift;                  /* what an outdented comment adds to the depths below it */
    bool outdented;                /* the comment being gathered is outdented */
    size_t code_end;               /* where the last code that was met ends in the page */
    bool never_closed[CODE_KINDS]; /* no end of it in the rest of the page */
};

static size_t heading_level(struct span line) {
    size_t level = 0, closing = 0;
    while (level < line.size && line.data[level] == '=')
        level++;
    while (closing + level < line.size && line.data[line.size - 1 - closing] == '=')
        closing++;
    return level && closing ? (level < closing ? level : closing) : 0;
}

/* The next line, without its end and the blanks there; false after the last. */
static bool next_line(struct span page, size_t *at, struct span *line) {
    if (*at >= page.size)
        return false;
    const char *stop = memchr(page.data + *at, '\n', page.size - *at);
    size_t end = stop ? (size_t)(stop - page.data) : page.size;
    *line = (struct span){page.data + *at, end - *at};
    while (line->size && isspace((unsigned char)line->data[line->size - 1]))
        line->size--;
    *at = end + 1;
    return true;
}

/* Of the highest headings on the page, but at least 2. */
static size_t find_thread_level(struct span page) {
    size_t least = DEPTH_MAX, at = 0, level;
    for (struct span line; next_line(page, &at, &line);) {
        if (line.size && line.data[0] == '=' && (level = heading_level(line)) > 0 && level < least)
            least = level;
    }
    return least < 2 || least == DEPTH_MAX ? 2 : least;
}

/* ---- posts ---- */

/* How deep a comment stands, and what it answers. */
static size_t find_parent(struct talk *talk, size_t indentation, size_t *depth) {
    if (talk->thread == 0) {
        *depth = 0;
        return 0;
    }
    if (talk->outdented)
        talk->shift = talk->depth + 1 > indentation ? talk->depth + 1 - indentation : 0;
    else if (indentation == 0)
        talk->shift = 0;
    *depth = indentation + talk->shift;
    /* The first comment is above all; other comments without indentation answer it. */
    *depth = *depth == 0 ? 1 : *depth + (talk->shift == 0);
    if (*depth >= DEPTH_MAX)
        *depth = DEPTH_MAX - 1;
    for (size_t above = *depth; above > 0; above--) {
        if (talk->above[above - 1])
            return talk->above[above - 1];
    }
    return talk->thread;
}

static void place_post(struct talk *talk, size_t depth) {
    talk->above[depth] = talk->number;
    for (size_t below = depth + 1; below < DEPTH_MAX; below++)
        talk->above[below] = 0;
    talk->depth = depth;
}

/* Whether the line's indentation says anything. */
static bool stands(const struct talk_line *line) {
    return !line->blank && !line->code;
}

/* Appends the first `count` gathered lines without the indentation that they share. */
static void join_lines(struct talk *talk, size_t count, size_t indentation) {
    bytes_clear(&talk->wikitext);
    for (size_t i = 0; i < count; i++) {
        const struct talk_line *line = &talk->pending[i];
        size_t cut = line->code ? 0 : line->depth < indentation ? line->depth : indentation;
        bytes_append(&talk->wikitext, talk->lines.data + line->start + cut, line->size - cut);
        bytes_append_byte(&talk->wikitext, '\n');
    }
}

/* A section's first comment often repeats its title. */
static bool begins_with(const struct bytes *text, const struct bytes *start) {
    return text->size >= start->size && (start->size == 0 || memcmp(text->data, start->data, start->size) == 0);
}

/* Makes a post of the first `count` gathered lines, and forgets them. */
static void end_post(struct talk *talk, size_t count, struct span author, const char *date) {
    size_t indentation = SIZE_MAX, depth;
    for (size_t i = 0; i < count; i++) {
        if (stands(&talk->pending[i]) && talk->pending[i].depth < indentation)
            indentation = talk->pending[i].depth;
    }
    if (indentation == SIZE_MAX)
        indentation = 0;
    join_lines(talk, count, indentation);
    bytes_clear(&talk->text);
    wikitext_append(span_of_bytes(&talk->wikitext), &talk->names->wiki, &talk->text);
    memmove(talk->pending, talk->pending + count, (talk->pending_count - count) * sizeof *talk->pending);
    talk->pending_count -= count;
    if (talk->pending_count == 0)
        bytes_clear(&talk->lines);
    if (talk->text.size == 0)
        return;
    size_t parent = find_parent(talk, indentation, &depth);
    struct talk_post post = {.number = ++talk->number, .parent = parent, .author = author, .date = date};
    if (parent == 0) {
        talk->thread = post.number;
        memset(talk->above, 0, sizeof talk->above);
        if (talk->title.size > 0 && !begins_with(&talk->text, &talk->title))
            post.title = span_of_bytes(&talk->title);
    }
    place_post(talk, depth);
    talk->outdented = false;
    post.thread = talk->thread;
    post.text = span_of_bytes(&talk->text);
    talk->emit(talk->context, &post);
}

static void end_unsigned(struct talk *talk, size_t count) {
    if (count > 0)
        end_post(talk, count, (struct span){NULL, 0}, "");
}

/* ---- lines ---- */

/* {{outdent}} and its like: their size, 0 where there is none. */
static size_t outdent_size(struct span text) {
    static const char *const names[] = {"od",   "outdent", "undent",   "unindent", "out",       "retrait",
                                        "outd", "dedent",  "noindent", "-indent",  "ausrücken", NULL};
    const char *end = text.size > 4 && text.data[0] == '{' && text.data[1] == '{'
                          ? memmem(text.data, text.size < 40 ? text.size : 40, "}}", 2)
                          : NULL;
    size_t size = 2;
    while (end && text.data + size < end && text.data[size] != '|')
        size++;
    for (size_t i = 0; end && names[i]; i++) {
        if (strlen(names[i]) == size - 2 && strncasecmp(text.data + 2, names[i], size - 2) == 0)
            return (size_t)(end - text.data) + 2;
    }
    return 0;
}

static void push_line(struct talk *talk, struct span text, size_t depth) {
    if (talk->pending_count == talk->pending_capacity) {
        talk->pending_capacity = talk->pending_capacity ? talk->pending_capacity * 2 : 16;
        talk->pending = memory_resize(talk->pending, talk->pending_capacity, sizeof *talk->pending);
    }
    talk->pending[talk->pending_count++] = (struct talk_line){
        talk->lines.size, text.size, depth, depth > 0 && (text.data[depth - 1] == '*' || text.data[depth - 1] == '#'),
        text.size == 0,   false};
    bytes_append_span(&talk->lines, text);
}

/*
 * What was gathered before a signed line that is indented more: a comment that nobody signed, and this one answers it.
 * A list's last item, though, signs what stands above the list.
 */
static size_t count_unsigned_before(const struct talk *talk, size_t depth, bool list) {
    size_t count = talk->pending_count, least = SIZE_MAX;
    while (count > 0 && (!stands(&talk->pending[count - 1]) || talk->pending[count - 1].depth >= depth))
        count--;
    if (list && count < talk->pending_count)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (stands(&talk->pending[i]) && talk->pending[i].depth < least)
            least = talk->pending[i].depth;
    }
    return least < depth ? count : 0;
}

static void take_heading(struct talk *talk, struct span line, size_t level) {
    end_unsigned(talk, talk->pending_count);
    talk->outdented = false;
    if (level > talk->thread_level) {
        /* A break within a thread: what follows answers its first post again. */
        talk->shift = 0;
        return;
    }
    talk->thread = talk->depth = talk->shift = 0;
    bytes_clear(&talk->title);
    wikitext_append((struct span){line.data + level, line.size - 2 * level}, &talk->names->wiki, &talk->title);
}

static void set_author(struct talk *talk, struct span author) {
    bytes_clear(&talk->author);
    for (size_t i = 0; i < author.size; i++)
        bytes_append_byte(&talk->author, author.data[i] == '_' ? ' ' : author.data[i]);
    if (talk->author.size > 0)
        talk->author.data[0] = (char)toupper((unsigned char)talk->author.data[0]);
}

static void take_line(struct talk *talk, struct span line) {
    size_t level = line.size > 0 && line.data[0] == '=' ? heading_level(line) : 0, outdent, depth = 0;
    if (level > 0 && level * 2 < line.size) {
        take_heading(talk, line, level);
        return;
    }
    while (depth < line.size && strchr(":*#;", line.data[depth]) && line.data[depth])
        depth++;
    if ((outdent = outdent_size((struct span){line.data + depth, line.size - depth})) > 0) {
        end_unsigned(talk, talk->pending_count);
        talk->outdented = true;
        line.data += depth + outdent;
        line.size -= depth + outdent;
        depth = 0;
    }
    struct signature signature;
    size_t window = line.size - depth > SIGNATURE_WINDOW ? line.size - SIGNATURE_WINDOW : depth;
    if (!signature_find((struct span){line.data + window, line.size - window}, talk->names->users, &signature)) {
        push_line(talk, line, depth);
        return;
    }
    bool list = depth > 0 && line.data[depth - 1] != ':';
    end_unsigned(talk, count_unsigned_before(talk, depth, list));
    push_line(talk, (struct span){line.data, window + signature.start}, depth);
    set_author(talk, signature.author);
    end_post(talk, talk->pending_count, signature.author.data ? span_of_bytes(&talk->author) : signature.author,
             signature.date);
    if (window + signature.end < line.size)
        push_line(talk, (struct span){line.data + window + signature.end, line.size - window - signature.end}, 0);
}

/* Where code that begins on this line and ends on a later one ends; 0 where none does. at: behind the line. */
static size_t find_code_end(struct talk *talk, struct span page, struct span line, size_t at) {
    for (size_t i = 0; i < CODE_KINDS && line.size > 0 && at < page.size; i++) {
        const char *open = talk->never_closed[i] ? NULL : memmem(line.data, line.size, CODE[i][0], strlen(CODE[i][0]));
        size_t size = strlen(CODE[i][1]);
        if (!open || memmem(open, (size_t)(line.data + line.size - open), CODE[i][1], size))
            continue;
        const char *close = memmem(page.data + at, page.size - at, CODE[i][1], size);
        if (close)
            return (size_t)(close - page.data) + size;
        talk->never_closed[i] = true;
    }
    return 0;
}

void talk_read(struct span wikitext, const struct talk_names *names, talk_emit *emit, void *context) {
    struct talk talk = {.names = names, .emit = emit, .context = context, .thread_level = find_thread_level(wikitext)};
    size_t at = 0;
    for (struct span line; next_line(wikitext, &at, &line);) {
        /* Behind its end somebody may sign. */
        if ((size_t)(line.data + line.size - wikitext.data) <= talk.code_end) {
            push_line(&talk, line, 0);
            talk.pending[talk.pending_count - 1].code = true;
            continue;
        }
        size_t code_end = find_code_end(&talk, wikitext, line, at);
        talk.code_end = code_end ? code_end : talk.code_end;
        take_line(&talk, line);
    }
    end_unsigned(&talk, talk.pending_count);
    struct bytes *buffers[] = {&talk.title, &talk.text, &talk.lines, &talk.wikitext, &talk.author};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        bytes_release(buffers[i]);
    free(talk.pending);
}
