/*
 * Who signed a line of a talk page. Knows links to users in any language edition, and nothing of threads.
 */
#include "crawl/signature.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Between two links of one signature stand tags, colours and the like. */
#define GAP_MAX 240
/* So little behind a time stamp is the rest of a sentence that says who wrote, or an unknown time zone. */
#define REMARK_MAX 32
/* Behind an undated signature stands a bracket or a closing tag at most. */
#define UNDATED_TAIL_MAX 24

/* Names of the spaces of users beside the wiki's own: English, older, short, and those that tell the user's gender. */
static const char *const USER_SPACES[] = {"user",
                                          "user talk",
                                          "benutzer",
                                          "benutzerin",
                                          "benutzer diskussion",
                                          "bd",
                                          "benutzerin diskussion",
                                          "utilisateur",
                                          "utilisatrice",
                                          "discussion utilisateur",
                                          "discussion utilisatrice",
                                          "användare",
                                          "användardiskussion",
                                          "gebruiker",
                                          "overleg gebruiker",
                                          "usuario",
                                          "usuaria",
                                          "usuario discusión",
                                          "usuaria discusión",
                                          "utente",
                                          "discussioni utente",
                                          "usuário",
                                          "usuária",
                                          "usuário discussão",
                                          "wikipedysta",
                                          "wikipedystka",
                                          "dyskusja wikipedysty",
                                          "участник",
                                          "участница",
                                          "обсуждение участника",
                                          "用户",
                                          "用戶",
                                          "用户讨论",
                                          "用戶討論",
                                          "用户对话",
                                          "用戶對話",
                                          "使用者",
                                          "使用者討論",
                                          "使用者讨论",
                                          "u",
                                          "ut",
                                          "bruker",
                                          "bruger",
                                          "利用者",
                                          "利用者‐会話",
                                          "利用者・トーク",
                                          "사용자",
                                          "사용자토론",
                                          NULL};
static const char *const SPECIAL_SPACES[] = {"special",   "spezial",   "spécial", "speciaal", "especial", "speciale",
                                             "specjalna", "служебная", "特殊",    "特別",     "특수",     NULL};
/* In the names of templates that tell who wrote a comment without signing it. */
static const char *const UNSIGNED[] = {
    "unsigned", "osigner",    "non sign", "ondertekend",        "未签名",     "未簽名",       "未署名",      "unsign",
    "firmar",   "non firmat", "неподпис", "sinfirma",           "no firmado", "não assinado", "niepodpisan", "غير موقع",
    "서명",     "непідпис",   "imzasız",  "allekirjoittamaton", NULL};

/* Equal but for ASCII case, where an underscore is a blank. */
static bool same_name(struct span name, const char *other, size_t size) {
    if (name.size != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        int left = tolower((unsigned char)name.data[i]), right = tolower((unsigned char)other[i]);
        if ((left == '_' ? ' ' : left) != (right == '_' ? ' ' : right))
            return false;
    }
    return true;
}

static bool name_in(struct span name, const char *const *names) {
    for (; *names; names++) {
        if (same_name(name, *names, strlen(*names)))
            return true;
    }
    return false;
}

static bool name_in_lines(struct span name, struct span lines) {
    for (size_t at = 0; at < lines.size;) {
        const char *stop = memchr(lines.data + at, '\n', lines.size - at);
        size_t end = stop ? (size_t)(stop - lines.data) : lines.size;
        if (end > at && same_name(name, lines.data + at, end - at))
            return true;
        at = end + 1;
    }
    return false;
}

static struct span trim(struct span text) {
    while (text.size && (isspace((unsigned char)text.data[0]) || text.data[0] == '_' || text.data[0] == ':')) {
        text.data++;
        text.size--;
    }
    while (text.size && (isspace((unsigned char)text.data[text.size - 1]) || text.data[text.size - 1] == '_'))
        text.size--;
    return text;
}

/* Without the prefixes of another wiki: ":de:Benutzer:A", "w:User:A". */
static struct span without_wiki(struct span target, struct span user_names) {
    for (;;) {
        size_t size = 0;
        target = trim(target);
        while (size < target.size && (islower((unsigned char)target.data[size]) || target.data[size] == '-'))
            size++;
        struct span prefix = {target.data, size};
        bool other = size > 0 && size < target.size && target.data[size] == ':' && !name_in(prefix, USER_SPACES) &&
                     !name_in(prefix, SPECIAL_SPACES) && !name_in_lines(prefix, user_names);
        if (!other)
            return target;
        target.data += size + 1;
        target.size -= size + 1;
    }
}

/* The user that a link's target names, or absent. */
static struct span user_of(struct span target, struct span user_names) {
    target = without_wiki(target, user_names);
    const char *colon = target.size ? memchr(target.data, ':', target.size) : NULL;
    if (!colon)
        return (struct span){NULL, 0};
    struct span space = trim((struct span){target.data, (size_t)(colon - target.data)});
    struct span name = {colon + 1, target.size - space.size - 1};
    name.size = (size_t)(target.data + target.size - name.data);
    const char *slash = memchr(name.data, '/', name.size);
    bool special = name_in(space, SPECIAL_SPACES);
    bool user = !special && (name_in(space, USER_SPACES) || name_in_lines(space, user_names));
    if (!user && !special)
        return (struct span){NULL, 0};
    if (special) {
        /* "Special:Contributions/NAME" */
        if (!slash)
            return (struct span){NULL, 0};
        name.size -= (size_t)(slash + 1 - name.data);
        name.data = slash + 1;
    } else if (slash) {
        name.size = (size_t)(slash - name.data);
    }
    const char *anchor = memchr(name.data, '#', name.size);
    if (anchor)
        name.size = (size_t)(anchor - name.data);
    name = trim(name);
    return name.size ? name : (struct span){NULL, 0};
}

/* The next "[[…]]" or "{{…}}" at or after `at` whose target is a user's; false where there is none. */
static bool next_user_link(struct span line, struct span user_names, size_t at, size_t *open, size_t *close,
                           struct span *user) {
    while (at + 2 < line.size) {
        if ((line.data[at] != '[' && line.data[at] != '{') || line.data[at + 1] != line.data[at]) {
            at++;
            continue;
        }
        const char *end = memmem(line.data + at + 2, line.size - at - 2, line.data[at] == '[' ? "]]" : "}}", 2);
        if (!end)
            return false;
        size_t stop = at + 2;
        while (line.data + stop < end && line.data[stop] != '|')
            stop++;
        *user = user_of((struct span){line.data + at + 2, stop - at - 2}, user_names);
        if (user->data) {
            *open = at;
            *close = (size_t)(end - line.data) + 2;
            return true;
        }
        at += 2;
    }
    return false;
}

static bool ends_with(struct span text, const char *end) {
    size_t size = strlen(end);
    return text.size >= size && memcmp(text.data + text.size - size, end, size) == 0;
}

/* Back over blanks, dashes, opening tags and quotes before a signature. *dash tells whether there was a dash. */
static size_t signature_start(struct span line, size_t at, bool *dash) {
    static const char *const dashes[] = {"-", "–", "—", "―", "~", "•", "⁓", "&mdash;", "&ndash;", "&#8212;", NULL};
    static const char *const blanks[] = {" ", "\t", "&nbsp;", "''", "(", "[", "\xc2\xa0", NULL};
    *dash = false;
    for (bool moved = true; moved;) {
        moved = false;
        struct span before = {line.data, at};
        for (size_t i = 0; dashes[i] && !moved; i++) {
            moved = ends_with(before, dashes[i]);
            at -= moved ? strlen(dashes[i]) : 0;
            *dash = *dash || moved;
        }
        for (size_t i = 0; blanks[i] && !moved; i++) {
            moved = ends_with(before, blanks[i]);
            at -= moved ? strlen(blanks[i]) : 0;
        }
        const char *tag = !moved && ends_with(before, ">") ? memrchr(line.data, '<', at) : NULL;
        if (tag && tag[1] != '/' && strncasecmp(tag, "<br", 3) != 0) {
            moved = true;
            at = (size_t)(tag - line.data);
        }
    }
    /* "<small>Preceding unsigned comment by" stands before many links in one element with them. */
    static const char small[] = "<small>";
    size_t from = at > 200 ? at - 200 : 0;
    const char *found = memmem(line.data + from, at - from, small, sizeof small - 1);
    if (found && !memmem(found, (size_t)(line.data + at - found), "</", 2)) {
        *dash = true;
        at = signature_start((struct span){line.data, line.size}, (size_t)(found - line.data), &(bool){false});
    }
    return at;
}

static void set_date(struct signature *signature, const struct wiki_time *time) {
    signature->date[0] = '\0';
    if (!time->year || !time->month || time->month > 12 || !time->day || time->hour < 0 || time->minute > 59 ||
        !time->zoned)
        return;
    unsigned offset = (unsigned)(time->offset < 0 ? -time->offset : time->offset);
    snprintf(signature->date, sizeof signature->date, "%04u-%02u-%02uT%02u:%02u:00%c%02u:%02u",
             (unsigned)time->year % 10000, (unsigned)time->month % 100, (unsigned)time->day % 100,
             (unsigned)time->hour % 100, (unsigned)time->minute % 100, time->offset < 0 ? '-' : '+', offset / 60 % 100,
             offset % 60);
}

/* Closing tags and brackets after a signature belong to it. */
static size_t signature_end(struct span line, size_t at) {
    for (;;) {
        while (at < line.size && strchr(" \t)].,'~", line.data[at]) && line.data[at])
            at++;
        if (at + 1 >= line.size || line.data[at] != '<' || (line.data[at + 1] != '/' && line.data[at + 1] != '!'))
            return at;
        const char *end = memchr(line.data + at, '>', line.size - at);
        if (!end)
            return line.size;
        at = (size_t)(end - line.data) + 1;
    }
}

/* {{unsigned|NAME|DATE}}, in either order and many languages. */
static bool find_unsigned(struct span line, struct signature *signature) {
    const char *open = NULL;
    for (size_t i = 0; i + 2 < line.size; i++) {
        if (line.data[i] == '{' && line.data[i + 1] == '{')
            open = line.data + i;
    }
    const char *end = open ? memmem(open, (size_t)(line.data + line.size - open), "}}", 2) : NULL;
    if (!end)
        return false;
    size_t at = (size_t)(open - line.data) + 2, close = (size_t)(end - line.data), first = at;
    bool known = false;
    signature->author = (struct span){NULL, 0};
    signature->date[0] = '\0';
    for (size_t stop; at <= close; at = stop + 1) {
        const char *bar = at < close ? memchr(line.data + at, '|', close - at) : NULL;
        stop = bar ? (size_t)(bar - line.data) : close;
        struct span argument = trim((struct span){line.data + at, stop - at});
        struct wiki_time time;
        if (at == first) {
            for (size_t i = 0; UNSIGNED[i] && !known; i++) {
                size_t size = strlen(UNSIGNED[i]);
                for (size_t from = 0; from + size <= argument.size && !known; from++)
                    known = strncasecmp(argument.data + from, UNSIGNED[i], size) == 0;
            }
            if (!known)
                return false;
        } else if (wiki_time_read(argument, &time)) {
            set_date(signature, &time);
        } else if (argument.size && !signature->author.data && !memchr(argument.data, '=', argument.size)) {
            signature->author = argument;
        }
    }
    bool dash;
    signature->start = signature_start(line, first - 2, &dash);
    signature->end = signature_end(line, close + 2);
    return true;
}

bool signature_find(struct span line, struct span user_names, struct signature *signature) {
    size_t start = SIZE_MAX, past = 0, open, close;
    if (find_unsigned(line, signature))
        return true;
    struct span author = {NULL, 0}, user;
    for (size_t at = 0; next_user_link(line, user_names, at, &open, &close, &user); at = close) {
        /* Links that stand close together and name the same user are one signature. */
        bool same = author.data && same_name(author, user.data, user.size);
        if (!same || open - past > GAP_MAX)
            start = open;
        author = user;
        past = close;
    }
    if (!author.data) {
        /* A time stamp with its zone at the end is a signature of somebody. */
        size_t from = line.size > 60 ? line.size - 60 : 0;
        while (from > 0 && from < line.size && ((unsigned char)line.data[from] & 0xC0) == 0x80)
            from++;
        struct wiki_time time;
        struct span tail = {line.data + from, line.size - from};
        if (!wiki_time_read(tail, &time) || !time.zoned || signature_end(line, from + time.end) < line.size)
            return false;
        bool dash;
        signature->author = author;
        signature->start = signature_start(line, from + time.start, &dash);
        signature->end = line.size;
        set_date(signature, &time);
        return true;
    }
    struct wiki_time time;
    bool dash, dated = wiki_time_read((struct span){line.data + past, line.size - past}, &time);
    signature->author = author;
    signature->start = signature_start(line, start, &dash);
    signature->end = signature_end(line, dated ? past + time.end : past);
    if (dated && line.size - signature->end < REMARK_MAX)
        signature->end = line.size;
    set_date(signature, &time);
    if (dated)
        return true;
    return dash && line.size - past < UNDATED_TAIL_MAX && signature->end == line.size;
}
