/*
 * A byte-level BPE tokenizer as Hugging Face's tokenizer.json holds it: vocabulary, merges, special tokens,
 * pretokeniser. A loaded tokenizer is immutable and shared by threads; each thread encodes through its own struct
 * encoder.
 */
#ifndef TOKEN_TOKENIZER_H
#define TOKEN_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/record.h"
#include "token/pretokenizer.h"

/* No token: an absent special token or a hole in the vocabulary. */
#define TOKEN_NONE UINT32_MAX
/* The largest vocabulary that is read or trained. */
#define TOKENIZER_VOCABULARY_MAX ((uint32_t)1 << 24)

/* The project's special tokens in the order of their ids in a trained tokenizer. */
enum special_token { SPECIAL_BOS, SPECIAL_SYSTEM, SPECIAL_USER, SPECIAL_ASSISTANT, SPECIAL_END, SPECIAL_COUNT };

/* A growing list of token ids. Zero-initialised is valid and empty. */
struct token_ids {
    uint32_t *data;
    size_t count, capacity;
};

uint32_t *token_ids_reserve(struct token_ids *ids, size_t more); /* address of the first of `more` free places */
void token_ids_append(struct token_ids *ids, uint32_t id);
void token_ids_release(struct token_ids *ids); /* frees and zeroes */

struct tokenizer;

/* Reads tokenizer.json, or one of the published files that tokenizer_import knows. ERROR_DATA names the file and what
 * in it is broken or not supported. On success *tokenizer is owned by the caller. */
int tokenizer_load(struct tokenizer **tokenizer, const char *path, struct error *error);
/* As tokenizer_load of a tokenizer.json, from its text; name stands in messages. */
int tokenizer_parse(struct tokenizer **tokenizer, const char *name, struct span json, struct error *error);
/*
 * Reads a rank file of tiktoken (r50k, p50k, cl100k, o200k or another) or GPT-2's vocab.bpe, whose ids may stand in an
 * encoder.json (ids_path, or NULL for the order of the merges), and appends the project's special tokens after the
 * highest id. What encoder.json has and no merge makes is a special token. Pattern and own special tokens of the
 * published files are known by their digest; given (may be NULL; taken over, on failure too) is the pretokeniser of
 * others. ERROR_DATA names file, line and reason.
 */
int tokenizer_import(struct tokenizer **tokenizer, const char *path, const char *ids_path, struct pretokenizer *given,
                     struct error *error);
void tokenizer_free(struct tokenizer *tokenizer); /* NULL is allowed */

/* One more than the largest id: the rows of an embedding table. */
uint32_t tokenizer_vocabulary_size(const struct tokenizer *tokenizer);
/*
 * Identity: XXH3-128 over pretokeniser, vocabulary with ids, merges and special tokens, so that a tokenizer.json that
 * another program wrote again in other white space or order is the same tokenizer.
 */
struct hash128 tokenizer_digest(const struct tokenizer *tokenizer);
const struct pretokenizer *tokenizer_pretokenizer(const struct tokenizer *tokenizer);
size_t tokenizer_merge_count(const struct tokenizer *tokenizer);
/* The two tokens that the merge of that rank, below the count, joins. */
void tokenizer_merge(const struct tokenizer *tokenizer, size_t rank, uint32_t *left, uint32_t *right);
bool tokenizer_ignores_merges(const struct tokenizer *tokenizer); /* a piece that is a token is that token */
const char *tokenizer_chat_template(void);                        /* as it stands in tokenizer_config.json */
uint32_t tokenizer_special(const struct tokenizer *tokenizer,
                           enum special_token special);                    /* TOKEN_NONE where it has none */
bool tokenizer_is_special(const struct tokenizer *tokenizer, uint32_t id); /* any special token, foreign ones too */
const char *special_token_text(enum special_token special);                /* "<|bos|>", … */
uint32_t tokenizer_special_of_role(const struct tokenizer *tokenizer, enum role role);

/* The bytes of a token (a special token's text for specials); absent for a hole or an id out of range. May be part of a
 * UTF-8 character. */
struct span tokenizer_token(const struct tokenizer *tokenizer, uint32_t id);
/* Appends the bytes of ids, special tokens left out. ERROR_DATA for an id that is no token. */
int tokenizer_decode(const struct tokenizer *tokenizer, const uint32_t *ids, size_t count, struct bytes *out,
                     struct error *error);
/* ERROR_DATA unless the five special tokens are all there, as encoding records into shards and chatting need. */
int tokenizer_require_specials(const struct tokenizer *tokenizer, struct error *error);

/* Appends the tokenizer as the text of a tokenizer.json (Hugging Face), or of its tokenizer_config.json with the chat
 * template. */
void tokenizer_append_json(const struct tokenizer *tokenizer, struct bytes *out);
void tokenizer_append_config(const struct tokenizer *tokenizer, struct bytes *out);

/* What a tokenizer_config.json says beside the tokenizer; each is empty where it says nothing. Zero-initialised is
 * valid and empty. */
struct tokenizer_config {
    struct bytes bos, eos, chat_template;
};

/* ERROR_DATA names the file and what in it is broken. */
int tokenizer_config_load(struct tokenizer_config *config, const char *path, struct error *error);
void tokenizer_config_release(struct tokenizer_config *config); /* frees and zeroes */

/*
 * Building one, as a trainer does: begin gives the special tokens and the 256 bytes (in the order of byte_level.h);
 * each merge (of two ids that were never merged before) gives the id of the joined text, a new one unless that text is
 * a token already; end makes it ready for use.
 */
struct tokenizer *tokenizer_build_begin(struct pretokenizer *pretokenizer); /* takes the pretokeniser */
/* As tokenizer_build_begin, with more special tokens after the project's. ERROR_USAGE for one that is empty, no UTF-8,
 * there already or spelled as a byte; the pretokeniser is taken then too. */
int tokenizer_build_begin_special(struct tokenizer **tokenizer, struct pretokenizer *pretokenizer,
                                  const char *const *specials, size_t count, struct error *error);
/* TOKEN_NONE, and nothing added, where tokenizer.json would spell the joined text as one of the special tokens. */
uint32_t tokenizer_build_merge(struct tokenizer *tokenizer, uint32_t left, uint32_t right);
void tokenizer_build_end(struct tokenizer *tokenizer);

/* One thread's scratch and bounded cache of pieces. The ids never depend on what was encoded before. */
struct encoder;

struct encoder *encoder_new(const struct tokenizer *tokenizer); /* the tokenizer must outlive it */
void encoder_free(struct encoder *encoder);
/*
 * Appends the ids of one whole text. Never gives a special token, whatever the text. Fails only where the tokenizer has
 * a pattern of its own (PRETOKENIZER_REGEX) that takes too much work.
 */
int encoder_append_text(struct encoder *encoder, struct span text, struct token_ids *ids, struct error *error);
/* Appends <|role|>content<|end|>. */
int encoder_append_message(struct encoder *encoder, enum role role, struct span content, struct token_ids *ids,
                           struct error *error);
/* Appends a record's text, or that of all its messages, with no special token. */
int encoder_append_contents(struct encoder *encoder, const struct record *record, struct token_ids *ids,
                            struct error *error);
/* Appends a whole record as shards hold it: <|bos|>text, or <|bos|> and its messages. The tokenizer must have the
 * specials. */
int encoder_append_record(struct encoder *encoder, const struct record *record, struct token_ids *ids,
                          struct error *error);

#endif
