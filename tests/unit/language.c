/* Languages told: by script, by n-grams, with hints, in mixtures; and files of weights that are none. */
#include "text/language.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"
#include "text/language_model.h"

static struct language_model *model;
static struct language_judge *judge;

static void setup(void) {
    struct error error;
    ck_assert_int_eq(language_model_open(&model, NULL, &error), 0);
    judge = language_judge_new(model);
}

static void teardown(void) {
    language_judge_free(judge);
    language_model_free(model);
}

static struct language_verdict judge_text(const char *text, const char *hint) {
    struct language_verdict verdict;
    struct span span = span_of(text);
    size_t hints = hint ? language_find(model, span_of(hint)) : 0;
    language_judge_texts(judge, &span, 1, &hints, hint != NULL, &verdict);
    return verdict;
}

static const char *tag_of(const char *text) {
    return language_tag(model, judge_text(text, NULL).language);
}

struct told {
    const char *text, *language;
};

static void expect_all(const struct told *cases, size_t count) {
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(strcmp(tag_of(cases[i].text), cases[i].language) == 0, "%s: %s", cases[i].text,
                      tag_of(cases[i].text));
}

START_TEST(scripts) {
    static const struct told cases[] = {
        {"我们今天去北京。OK", "zh"},
        {"今日は北京に行きます", "ja"},
        {"日语里的「の」是什么意思", "zh"},
        {"오늘 서울에 갑니다", "ko"},
        {"Πού είναι ο σταθμός;", "el"},
        {"Որտե՞ղ է կայարանը", "hy"},
        {"სად არის სადგური?", "ka"},
        {"สถานีอยู่ที่ไหน", "th"},
        {"நிலையம் எங்கே உள்ளது", "ta"},
        {"ਸਟੇਸ਼ਨ ਕਿੱਥੇ ਹੈ", "pa"},
        {"我用Python写了一个小程序来处理这些文件", "zh"},
        {"1234 …", "und"},
        {"😀 👍🏽 !!!", "und"},
        {"", "und"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
    ck_assert(judge_text("", NULL).score == 0);
}
END_TEST

START_TEST(sentences) {
    static const struct told cases[] = {
        {"The train to the airport leaves every ten minutes, but today it is late.", "en"},
        {"Tåget till flygplatsen går var tionde minut, men i dag är det försenat.", "sv"},
        {"Toget til flyplassen går hvert tiende minutt, men i dag er det forsinket.", "nb"},
        {"Toget til flyplassen går kvart tiande minutt, men i dag er det ikkje i rute.", "nn"},
        {"Toget til lufthavnen kører hvert tiende minut, men i dag er det forsinket.", "da"},
        {"De trein naar het vliegveld vertrekt elke tien minuten, maar vandaag is hij te laat.", "nl"},
        {"Der Zug zum Flughafen fährt alle zehn Minuten, aber heute hat er Verspätung.", "de"},
        {"Le train pour l’aéroport part toutes les dix minutes, mais il est en retard aujourd’hui.", "fr"},
        {"El tren al aeropuerto sale cada diez minutos, pero hoy lleva retraso.", "es"},
        {"O comboio para o aeroporto parte de dez em dez minutos, mas hoje está atrasado.", "pt"},
        {"Il treno per l’aeroporto parte ogni dieci minuti, ma oggi è in ritardo.", "it"},
        {"Поезд в аэропорт ходит каждые десять минут, но сегодня он опаздывает.", "ru"},
        {"Потяг до аеропорту ходить кожні десять хвилин, але сьогодні він спізнюється.", "uk"},
        {"Влакът за летището тръгва на всеки десет минути, но днес закъснява.", "bg"},
        {"القطار إلى المطار يغادر كل عشر دقائق ولكنه متأخر اليوم", "ar"},
        {"قطار فرودگاه هر ده دقیقه حرکت می‌کند اما امروز دیر کرده است",
         "fa"},
        {"हवाई अड्डे की ट्रेन हर दस मिनट में चलती है लेकिन आज देर से है", "hi"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}
END_TEST

/* Addresses are no text, and say nothing of the language around them. */
START_TEST(addresses) {
    static const struct told cases[] = {
        {"Läs mer på https://www.example.com/the/house/of/the/rising/sun/and/more/of/the/same och skriv sedan", "sv"},
        {"https://example.com/this/is/english", "und"},
        {"jag hörde det av @the_english_speaking_person_of_the_year i går kväll", "sv"},
    };
    struct language_verdict verdict = judge_text(cases[1].text, NULL);
    ck_assert_uint_eq(verdict.letters, 0);
    expect_all(cases, sizeof cases / sizeof *cases);
}
END_TEST

/* Near languages are parted by the words of each. */
START_TEST(siblings) {
    static const struct told cases[] = {
        {"Eg veit ikkje kva dei gjorde i går, men ho kom heim og åt middag saman med oss.", "nn"},
        {"Jeg vet ikke hva de gjorde i går, men hun kom hjem og spiste middag sammen med oss.", "nb"},
        {"Jeg ved ikke, hvad de lavede i går, men hun kom hjem og spiste aftensmad sammen med os.", "da"},
        {"Kerajaan Malaysia berkata bahawa wang itu tidak boleh digunakan kerana ia belum diluluskan.", "ms"},
        {"Pemerintah Indonesia mengatakan bahwa uang itu tidak bisa digunakan karena belum disetujui.", "id"},
        {"Tko je rekao da će vlak stići tek sljedeći tjedan? Nitko ne zna što se dogodilo u kazalištu.", "hr"},
        {"Ko je rekao da će voz stići tek sljedeće sedmice? Niko ne zna šta se desilo u pozorištu.", "bs"},
        {"Ko je rekao da će voz stići tek sledeće nedelje? Niko ne zna šta se desilo u pozorištu.", "sr"},
        {"Ко је рекао да ће воз стићи тек следеће недеље?", "sr"},
        {"Кой каза, че влакът ще пристигне чак следващата седмица?", "bg"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
    static const char *const pairs[][2] = {{"nb", "da"}, {"hr", "bs"}, {"ru", "bg"}, {"fi", "et"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        ck_assert(language_are_siblings(model, language_find(model, span_of(pairs[i][0])),
                                        language_find(model, span_of(pairs[i][1]))));
    ck_assert(!language_are_siblings(model, language_find(model, span_of("en")), language_find(model, span_of("de"))));
    ck_assert(!language_are_siblings(model, language_find(model, span_of("el")), LANGUAGE_NONE));
}
END_TEST

/* Programs are in no language, however English their words; prose with signs, tags and names of programs is. */
START_TEST(programs) {
    static const struct told cases[] = {
        {"for (size_t i = 0; i < count; i++) { sum += values[i]; if (sum > limit) break; } return sum;", "und"},
        {"def read_lines(path): with open(path) as file: return [line.strip() for line in file if line]", "und"},
        {"const app = express(); app.get('/', (req, res) => { res.send({ status: 'ok' }); });", "und"},
        {"You call malloc(size) first (it may fail), and then memset() the block; what comes after is up to you.",
         "en"},
        {"<p>I think this is <b>the best</b> answer that anyone gave here :) <i>Thank you</i> so much!</p>", "en"},
        {"Jag får felet \"undefined variable\" när jag kör for-slingan (se nedan); vad betyder det?", "sv"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}
END_TEST

START_TEST(names_of_languages) {
    static const char *const same[][2] = {{"no", "nb"},  {"pt-BR", "pt"}, {"zh-Hant-TW", "zh"}, {"en_US", "en"},
                                          {"FIL", "tl"}, {"iw", "he"},    {"SV", "sv"},         {"nn-NO", "nn"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        size_t language = language_find(model, span_of(same[i][0]));
        ck_assert_uint_lt(language, language_count(model));
        ck_assert_str_eq(language_tag(model, language), same[i][1]);
    }
    ck_assert_uint_eq(language_find(model, span_of("xx")), LANGUAGE_NONE);
    ck_assert_uint_eq(language_find(model, span_of("")), LANGUAGE_NONE);
    ck_assert_uint_eq(language_find(model, span_of("und")), LANGUAGE_NONE);
    ck_assert_uint_eq(language_find(model, span_of("english")), LANGUAGE_NONE);
}
END_TEST

/* A hint moves what could be either, and not what is plain. */
START_TEST(hints) {
    ck_assert_str_eq(tag_of("東京駅"), "zh");
    ck_assert_str_eq(language_tag(model, judge_text("東京駅", "ja").language), "ja");
    const char *plain = "De trein naar het vliegveld vertrekt elke tien minuten, maar vandaag is hij te laat.";
    ck_assert_str_eq(language_tag(model, judge_text(plain, "de").language), "nl");
    size_t swedish = language_find(model, span_of("sv"));
    ck_assert(judge_text("hej", "sv").chances[swedish] > judge_text("hej", NULL).chances[swedish]);
}
END_TEST

static void repeat(struct bytes *text, const char *part, size_t size) {
    for (size_t end = text->size + size; text->size < end;)
        bytes_append_text(text, part);
}

/* Of a text in two languages each has its share, wherever it stands. */
START_TEST(mixtures) {
    struct bytes text = {0};
    size_t english = language_find(model, span_of("en")), swedish = language_find(model, span_of("sv"));
    repeat(&text, "The train to the airport leaves every ten minutes, but today it is late. ", 100000);
    struct language_verdict verdict = judge_text(bytes_text(&text), NULL);
    ck_assert_uint_eq(verdict.language, english);
    ck_assert(verdict.score > 0.97);
    repeat(&text, "Tåget till flygplatsen går var tionde minut, men i dag är det försenat. ", 100000);
    verdict = judge_text(bytes_text(&text), NULL);
    ck_assert(fabs(verdict.chances[english] - 0.5) < 0.15 && fabs(verdict.chances[swedish] - 0.5) < 0.15);
    double sum = 0;
    for (size_t i = 0; i < LANGUAGE_MAX; i++)
        sum += verdict.chances[i];
    ck_assert(fabs(sum - 1) < 1e-3);
    bytes_release(&text);
}
END_TEST

/* Turns are judged as one text, however they are cut. */
START_TEST(several_texts) {
    static const char *const turns[] = {"Hej", "Hej! Hur går det?", "Jo tack, bara bra. Och själv?", "",
                                        "Det är fint."};
    struct span texts[5];
    for (size_t i = 0; i < 5; i++)
        texts[i] = span_of(turns[i]);
    struct language_verdict verdict;
    language_judge_texts(judge, texts, 5, NULL, 0, &verdict);
    ck_assert_str_eq(language_tag(model, verdict.language), "sv");
    language_judge_texts(judge, texts, 0, NULL, 0, &verdict);
    ck_assert_uint_eq(verdict.language, LANGUAGE_NONE);
}
END_TEST

/* Any bytes that are valid UTF-8 are judged without harm. */
START_TEST(strange_texts) {
    struct bytes text = {0};
    static const char *const parts[] = {"a",  "'",  "@",        "www.", "://", "\xF0\x9F\x98\x80", "é", "н",
                                        "中", "か", "\xCC\x81", ".",    " "};
    for (size_t round = 1; round < 400; round++) {
        bytes_clear(&text);
        for (size_t i = 0, x = round; text.size < round * 13; i++) {
            x = x * 6364136223846793005U + 1442695040888963407U;
            bytes_append_text(&text, parts[(x >> 33) % (sizeof parts / sizeof *parts)]);
        }
        struct language_verdict verdict = judge_text(bytes_text(&text), NULL);
        ck_assert(verdict.score >= 0 && verdict.score <= 1.0001);
    }
    bytes_release(&text);
}
END_TEST

static void write_file(const char *path, const char *data, size_t size) {
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

/* Weights that are cut or changed anywhere are refused; what was written is read back the same. */
START_TEST(weights) {
    struct language_model *other;
    struct bytes whole = {0}, again = {0};
    struct error error;
    char path[] = "/tmp/language-weights-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
    language_model_write(model, &whole);
    write_file(path, whole.data, whole.size);
    ck_assert_int_eq(language_model_open(&other, path, &error), 0);
    language_model_write(other, &again);
    ck_assert(span_equal(span_of_bytes(&whole), span_of_bytes(&again)));
    language_model_free(other);
    static const size_t cuts[] = {0, 7, 39, 40, 47, 500};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        write_file(path, whole.data, cuts[i]);
        ck_assert_int_eq(language_model_open(&other, path, &error), -1);
        ck_assert_int_eq(error.code, ERROR_DATA);
        ck_assert_ptr_null(other);
    }
    for (size_t at = 0; at < whole.size; at += whole.size / 20 + 1) {
        whole.data[at] = (char)(whole.data[at] ^ 4);
        write_file(path, whole.data, whole.size);
        ck_assert_int_eq(language_model_open(&other, path, &error), -1);
        whole.data[at] = (char)(whole.data[at] ^ 4);
    }
    unlink(path);
    ck_assert_int_eq(language_model_open(&other, path, &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    bytes_release(&whole);
    bytes_release(&again);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("language");
    TCase *cases = tcase_create("language");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, scripts);
    tcase_add_test(cases, sentences);
    tcase_add_test(cases, addresses);
    tcase_add_test(cases, siblings);
    tcase_add_test(cases, programs);
    tcase_add_test(cases, names_of_languages);
    tcase_add_test(cases, hints);
    tcase_add_test(cases, mixtures);
    tcase_add_test(cases, several_texts);
    tcase_add_test(cases, strange_texts);
    tcase_add_test(cases, weights);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
