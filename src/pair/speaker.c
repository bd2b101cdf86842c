/* Speaker labels. It owns the lists of words that are roles and of words that are none; it knows nothing of dialogues.
 */
#include "pair/speaker.h"

#include <string.h>
#include <strings.h>

struct role_word {
    const char *word;
    enum speaker_kind kind;
};

/* Compared without regard to ASCII case; words of other letters stand in the forms that labels use. */
static const struct role_word role_words[] = {
    {"user", SPEAKER_USER},
    {"customer", SPEAKER_USER},
    {"client", SPEAKER_USER},
    {"caller", SPEAKER_USER},
    {"human", SPEAKER_USER},
    {"guest", SPEAKER_USER},
    {"visitor", SPEAKER_USER},
    {"kund", SPEAKER_USER},
    {"kunden", SPEAKER_USER},
    {"klant", SPEAKER_USER},
    {"cliente", SPEAKER_USER},
    {"kunde", SPEAKER_USER},
    {"顾客", SPEAKER_USER},
    {"客户", SPEAKER_USER},
    {"用户", SPEAKER_USER},
    {"顧客", SPEAKER_USER},
    {"客戶", SPEAKER_USER},
    {"asiakas", SPEAKER_USER},
    {"assistant", SPEAKER_ASSISTANT},
    {"agent", SPEAKER_ASSISTANT},
    {"support", SPEAKER_ASSISTANT},
    {"bot", SPEAKER_ASSISTANT},
    {"system agent", SPEAKER_ASSISTANT},
    {"operator", SPEAKER_ASSISTANT},
    {"advisor", SPEAKER_ASSISTANT},
    {"employee", SPEAKER_ASSISTANT},
    {"kundtjänst", SPEAKER_ASSISTANT},
    {"handläggare", SPEAKER_ASSISTANT},
    {"medarbetare", SPEAKER_ASSISTANT},
    {"medewerker", SPEAKER_ASSISTANT},
    {"klantenservice", SPEAKER_ASSISTANT},
    {"conseiller", SPEAKER_ASSISTANT},
    {"conseillère", SPEAKER_ASSISTANT},
    {"mitarbeiter", SPEAKER_ASSISTANT},
    {"berater", SPEAKER_ASSISTANT},
    {"agente", SPEAKER_ASSISTANT},
    {"客服", SPEAKER_ASSISTANT},
    {"助手", SPEAKER_ASSISTANT},
    {"助理", SPEAKER_ASSISTANT},
    {"q", SPEAKER_QUESTION},
    {"question", SPEAKER_QUESTION},
    {"fråga", SPEAKER_QUESTION},
    {"vraag", SPEAKER_QUESTION},
    {"frage", SPEAKER_QUESTION},
    {"pregunta", SPEAKER_QUESTION},
    {"domanda", SPEAKER_QUESTION},
    {"问", SPEAKER_QUESTION},
    {"问题", SPEAKER_QUESTION},
    {"問", SPEAKER_QUESTION},
    {"f", SPEAKER_QUESTION},
    {"v", SPEAKER_QUESTION},
    {"a", SPEAKER_ANSWER},
    {"answer", SPEAKER_ANSWER},
    {"svar", SPEAKER_ANSWER},
    {"antwoord", SPEAKER_ANSWER},
    {"antwort", SPEAKER_ANSWER},
    {"réponse", SPEAKER_ANSWER},
    {"reponse", SPEAKER_ANSWER},
    {"respuesta", SPEAKER_ANSWER},
    {"risposta", SPEAKER_ANSWER},
    {"答", SPEAKER_ANSWER},
    {"回答", SPEAKER_ANSWER},
    {"答案", SPEAKER_ANSWER},
    {"s", SPEAKER_ANSWER},
    {"r", SPEAKER_ANSWER},
    {"note", SPEAKER_NOTE},
    {"notes", SPEAKER_NOTE},
    {"nb", SPEAKER_NOTE},
    {"n.b.", SPEAKER_NOTE},
    {"ps", SPEAKER_NOTE},
    {"p.s.", SPEAKER_NOTE},
    {"edit", SPEAKER_NOTE},
    {"edited", SPEAKER_NOTE},
    {"update", SPEAKER_NOTE},
    {"warning", SPEAKER_NOTE},
    {"tip", SPEAKER_NOTE},
    {"hint", SPEAKER_NOTE},
    {"example", SPEAKER_NOTE},
    {"source", SPEAKER_NOTE},
    {"link", SPEAKER_NOTE},
    {"url", SPEAKER_NOTE},
    {"e-mail", SPEAKER_NOTE},
    {"email", SPEAKER_NOTE},
    {"tel", SPEAKER_NOTE},
    {"phone", SPEAKER_NOTE},
    {"fax", SPEAKER_NOTE},
    {"date", SPEAKER_NOTE},
    {"time", SPEAKER_NOTE},
    {"subject", SPEAKER_NOTE},
    {"re", SPEAKER_NOTE},
    {"from", SPEAKER_NOTE},
    {"to", SPEAKER_NOTE},
    {"name", SPEAKER_NOTE},
    {"address", SPEAKER_NOTE},
    {"price", SPEAKER_NOTE},
    {"title", SPEAKER_NOTE},
    {"obs", SPEAKER_NOTE},
    {"källa", SPEAKER_NOTE},
    {"datum", SPEAKER_NOTE},
    {"opmerking", SPEAKER_NOTE},
    {"let op", SPEAKER_NOTE},
    {"hinweis", SPEAKER_NOTE},
    {"anmerkung", SPEAKER_NOTE},
    {"remarque", SPEAKER_NOTE},
    {"nota", SPEAKER_NOTE},
    {"注", SPEAKER_NOTE},
    {"注意", SPEAKER_NOTE},
    {"备注", SPEAKER_NOTE},
    {"更新", SPEAKER_NOTE},
    {"来源", SPEAKER_NOTE},
    {"时间", SPEAKER_NOTE},
    {"日期", SPEAKER_NOTE},
    {"地址", SPEAKER_NOTE},
    {"电话", SPEAKER_NOTE},
    {"价格", SPEAKER_NOTE},
    {"标题", SPEAKER_NOTE},
};

#define LABEL_MAX 48 /* bytes */
#define LABEL_WORDS_MAX 4

/* Whether byte is one of a set; NUL never is. */
static bool one_of(char byte, const char *set) {
    return byte && strchr(set, byte);
}

enum speaker_kind speaker_classify(struct span label) {
    while (label.size > 0 && (one_of(label.data[label.size - 1], "0123456789 #")))
        label.size--;
    /* "Anna wrote:" stands above what is quoted. */
    static const char *const quoting[] = {" said", " wrote", " writes", " skrev", " schreef", " schrieb", " écrit"};
    for (size_t i = 0; i < sizeof quoting / sizeof *quoting; i++) {
        size_t size = strlen(quoting[i]);
        if (label.size > size && memcmp(label.data + label.size - size, quoting[i], size) == 0)
            return SPEAKER_NOTE;
    }
    for (size_t i = 0; i < sizeof role_words / sizeof *role_words; i++)
        if (strlen(role_words[i].word) == label.size && strncasecmp(role_words[i].word, label.data, label.size) == 0)
            return role_words[i].kind;
    return SPEAKER_OTHER;
}

static struct span trim(struct span text) {
    text = span_trim(text, " \t\r");
    /* U+00A0 and U+202F stand before a colon in French. */
    if (text.size >= 2 && memcmp(text.data + text.size - 2, "\xC2\xA0", 2) == 0)
        text.size -= 2;
    else if (text.size >= 3 && memcmp(text.data + text.size - 3, "\xE2\x80\xAF", 3) == 0)
        text.size -= 3;
    return text;
}

/* Bytes of a time at the start of line: digits and colons, bracketed or not, two digits behind each colon; 0: none. */
static size_t time_size(struct span line) {
    size_t at = 0, digits = 0, colons = 0;
    char closing = 0;
    if (line.size && one_of(line.data[0], "[("))
        closing = line.data[at++] == '[' ? ']' : ')';
    for (; at < line.size && one_of(line.data[at], "0123456789:.,"); at++) {
        bool digit = line.data[at] >= '0' && line.data[at] <= '9';
        if (line.data[at] == ':') {
            if (digits == 0)
                return 0;
            colons++;
        }
        digits = digit ? digits + 1 : 0;
    }
    if (colons == 0 || digits < 2)
        return 0;
    if (closing && (at == line.size || line.data[at++] != closing))
        return 0;
    return at == line.size || one_of(line.data[at], " \t\r") ? at : 0;
}

bool speaker_is_time(struct span line) {
    line = trim(line);
    return line.size > 0 && time_size(line) == line.size;
}

/* The first colon, ASCII or full-width, near enough to the start; its size in *width. */
static size_t find_colon(struct span line, size_t *width) {
    for (size_t i = 0; i < line.size && i <= LABEL_MAX; i++) {
        if (line.data[i] == ':')
            return *width = 1, i;
        if (line.size - i >= 3 && memcmp(line.data + i, "\xEF\xBC\x9A", 3) == 0)
            return *width = 3, i;
    }
    return SIZE_MAX;
}

static bool is_label(struct span label) {
    size_t words = 1;
    if (label.size == 0 || label.size > LABEL_MAX || one_of(label.data[0], "0123456789.-_'"))
        return false;
    for (size_t i = 0; i < label.size; i++) {
        char byte = label.data[i];
        bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        if (byte == ' ')
            words++;
        else if ((unsigned char)byte < 0x80 && !letter && !(byte >= '0' && byte <= '9') && !one_of(byte, "'.-_"))
            return false;
    }
    return words <= LABEL_WORDS_MAX;
}

bool speaker_split(struct span line, struct span *label, struct span *text) {
    size_t width = 0;
    line = trim(line);
    size_t time = time_size(line);
    line = trim((struct span){line.data + time, line.size - time});
    size_t colon = find_colon(line, &width);
    if (colon == SIZE_MAX)
        return false;
    *label = trim((struct span){line.data, colon});
    if (!is_label(*label))
        return false;
    struct span rest = {line.data + colon + width, line.size - colon - width};
    /* "http://…", "12:30" and "ratio a:b" are no labels: after an ASCII colon comes a blank or nothing. */
    if (width == 1 && rest.size > 0 && rest.data[0] != ' ' && rest.data[0] != '\t' &&
        (unsigned char)rest.data[0] < 0x80)
        return false;
    *text = trim(rest);
    return true;
}
