/*
 * Model directories: what is saved loads back to the bit, headers from elsewhere are checked, directories are replaced
 * whole.
 */
#include "model/checkpoint.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/json.h"
#include "folder.h"
#include "model/directory.h"
#include "model/safetensors.h"
#include "near.h"

static struct error error;

static struct model *make_model(uint64_t seed, bool tied) {
    struct model_config config = model_config_default(70, 2, 24, 4, 64);
    config.kv_heads = 2;
    config.tied = tied;
    config.bos = 0;
    config.eos = 4;
    config.rope_theta = 12345.678;
    struct model *model = model_new(&config);
    model_initialise(model, seed);
    return model;
}

static struct optimizer *make_optimizer(const struct model *model) {
    struct optimizer_options options = optimizer_default_options();
    struct optimizer *optimizer = optimizer_new(model, &options);
    struct random random;
    random_seed(&random, 4);
    for (size_t i = 0; i < model->tensor_count; i++)
        for (size_t j = 0; j < tensor_elements(&model->tensors[i]); j++) {
            optimizer->first[model->tensors[i].offset + j] = (float)random_normal(&random);
            optimizer->second[model->tensors[i].offset + j] = (float)random_uniform(&random);
        }
    optimizer->step = UINT64_C(12345678901);
    return optimizer;
}

static void assert_same_model(const struct model *a, const struct model *b) {
    ck_assert_uint_eq(a->size, b->size);
    ck_assert_uint_eq(a->tensor_count, b->tensor_count);
    ck_assert(memcmp(a->weights, b->weights, a->size * sizeof(float)) == 0);
    ck_assert_double_eq(a->config.rope_theta, b->config.rope_theta);
    ck_assert_double_eq(a->config.norm_epsilon, b->config.norm_epsilon);
    ck_assert_uint_eq(a->config.kv_heads, b->config.kv_heads);
    ck_assert_int_eq(a->config.eos, b->config.eos);
    ck_assert_int_eq(a->config.pad, b->config.pad);
    ck_assert_int_eq(a->config.tied, b->config.tied);
}

START_TEST(test_save_load) {
    struct model *model = make_model(1, _i), *loaded;
    struct optimizer *optimizer = make_optimizer(model);
    struct checkpoint_file file = {"tokenizer.json", SPAN_LITERAL("{\"x\":1}"), false};
    const char *path = folder_path("model");
    ck_assert_msg(checkpoint_save(path, model, optimizer, &file, 1, &error) == 0, "%s", error.message);
    ck_assert_uint_eq(folder_count(), 1);
    ck_assert_msg(checkpoint_load(&loaded, path, &error) == 0, "%s", error.message);
    assert_same_model(model, loaded);
    struct optimizer *moments = optimizer_new(loaded, &optimizer->options);
    ck_assert_msg(checkpoint_load_optimizer(moments, loaded, path, &error) == 0, "%s", error.message);
    ck_assert_uint_eq(moments->step, optimizer->step);
    ck_assert(memcmp(moments->first, optimizer->first, model->size * sizeof(float)) == 0);
    ck_assert(memcmp(moments->second, optimizer->second, model->size * sizeof(float)) == 0);
    assert_file(folder_path("model/tokenizer.json"), "{\"x\":1}");
    /* The data begins on a multiple of 8, and the file is what the reference reader expects: head.weight only where
     * untied. */
    struct bytes content = {0};
    file_read(folder_path("model/model.safetensors"), &content);
    ck_assert_uint_eq((unsigned char)content.data[0] % 8, 0);
    ck_assert_int_eq(memmem(content.data, content.size, "lm_head.weight", 14) != NULL, !_i);
    bytes_release(&content);
    optimizer_free(optimizer);
    optimizer_free(moments);
    model_free(model);
    model_free(loaded);
}
END_TEST

START_TEST(test_replace) {
    const char *path = folder_path("model");
    struct model *first = make_model(1, true), *second = make_model(2, true), *loaded;
    struct checkpoint_file file = {"extra", SPAN_LITERAL("old"), false};
    ck_assert_int_eq(checkpoint_save(path, first, NULL, &file, 1, &error), 0);
    ck_assert_int_eq(checkpoint_save(path, second, NULL, NULL, 0, &error), 0);
    ck_assert_uint_eq(folder_count(), 1);
    ck_assert_int_ne(access(folder_path("model/extra"), F_OK), 0);
    ck_assert_int_eq(checkpoint_load(&loaded, path, &error), 0);
    assert_same_model(second, loaded);
    model_free(first);
    model_free(second);
    model_free(loaded);
}
END_TEST

START_TEST(test_refuses_other_places) {
    struct model *model = make_model(1, true);
    file_write(folder_path("file"), "x", 1);
    ck_assert_int_eq(checkpoint_save(folder_path("file"), model, NULL, NULL, 0, &error), -1);
    ck_assert_int_eq(error.code, ERROR_USAGE);
    assert_file(folder_path("file"), "x");
    ck_assert_int_eq(mkdir(folder_path("home"), 0777), 0);
    file_write(folder_path("home/thesis"), "x", 1);
    ck_assert_int_eq(checkpoint_save(folder_path("home"), model, NULL, NULL, 0, &error), -1);
    ck_assert_int_eq(error.code, ERROR_USAGE);
    assert_file(folder_path("home/thesis"), "x");
    ck_assert_int_eq(mkdir(folder_path("empty"), 0777), 0);
    ck_assert_int_eq(checkpoint_save(folder_path("empty"), model, NULL, NULL, 0, &error), 0);
    ck_assert_int_eq(checkpoint_save(folder_path("no/such/parent"), model, NULL, NULL, 0, &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    model_free(model);
}
END_TEST

/* A process that saves two models in turn is killed at any moment: one of the two is always there, whole. */
START_TEST(test_kill) {
    enum { ROUNDS = 25 };
    const char *path = folder_path("model");
    struct model *models[2] = {make_model(1, true), make_model(2, true)}, *loaded;
    ck_assert_int_eq(checkpoint_save(path, models[0], NULL, NULL, 0, &error), 0);
    for (size_t round = 0; round < ROUNDS; round++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            for (size_t i = 0;; i++)
                if (checkpoint_save(path, models[i % 2], NULL, NULL, 0, &error))
                    _exit(1);
        usleep((useconds_t)(1000 + round * 1700));
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFSIGNALED(status), "the writer failed");
        ck_assert_msg(checkpoint_load(&loaded, path, &error) == 0, "%s", error.message);
        ck_assert(memcmp(loaded->weights, models[0]->weights, loaded->size * sizeof(float)) == 0 ||
                  memcmp(loaded->weights, models[1]->weights, loaded->size * sizeof(float)) == 0);
        model_free(loaded);
    }
    /* The next save clears what was left. */
    ck_assert_int_eq(checkpoint_save(path, models[0], NULL, NULL, 0, &error), 0);
    ck_assert_uint_eq(folder_count(), 1);
    model_free(models[0]);
    model_free(models[1]);
}
END_TEST

START_TEST(test_link_and_find) {
    struct model *model = make_model(1, true);
    struct bytes found = {0};
    ck_assert_int_eq(mkdir(folder_path("run"), 0777), 0);
    ck_assert_int_eq(checkpoint_find(folder_path("run"), &found, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    ck_assert_int_eq(checkpoint_find(folder_path("nowhere"), &found, &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_int_eq(checkpoint_save(folder_path("run/a"), model, NULL, NULL, 0, &error), 0);
    ck_assert_int_eq(checkpoint_save(folder_path("run/b"), model, NULL, NULL, 0, &error), 0);
    ck_assert_int_eq(checkpoint_link(folder_path("run"), "last", "a", &error), 0);
    ck_assert_int_eq(checkpoint_find(folder_path("run"), &found, &error), 0);
    ck_assert_str_eq(bytes_text(&found), folder_path("run/last"));
    ck_assert_int_eq(checkpoint_link(folder_path("run"), "last", "b", &error), 0);
    ck_assert_int_eq(checkpoint_link(folder_path("run"), "best", "a", &error), 0);
    bytes_clear(&found);
    ck_assert_int_eq(checkpoint_find(folder_path("run"), &found, &error), 0);
    ck_assert_str_eq(bytes_text(&found), folder_path("run/best"));
    char target[8] = {0};
    ck_assert_int_eq(readlink(folder_path("run/last"), target, sizeof target - 1), 1);
    ck_assert_str_eq(target, "b");
    bytes_clear(&found);
    ck_assert_int_eq(checkpoint_find(folder_path("run/b"), &found, &error), 0);
    ck_assert_str_eq(bytes_text(&found), folder_path("run/b"));
    ck_assert_int_eq(checkpoint_remove(folder_path("run/b"), &error), 0);
    ck_assert_int_ne(access(folder_path("run/b"), F_OK), 0);
    ck_assert_int_eq(checkpoint_remove(folder_path("run/b"), &error), 0);
    bytes_release(&found);
    model_free(model);
}
END_TEST

/* A file of a header and `data` bytes; length SIZE_MAX takes the header's. */
static void write_file(const char *header, uint64_t length, size_t data) {
    struct bytes content = {0};
    if (length == UINT64_MAX)
        length = strlen(header);
    bytes_append(&content, &length, sizeof length);
    bytes_append_text(&content, header);
    for (size_t i = 0; i < data; i++)
        bytes_append_byte(&content, (char)i);
    file_write(folder_path("x"), content.data, content.size);
    bytes_release(&content);
}

#define A "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"
#define B "\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[8,16]}"

static const struct {
    const char *header;
    uint64_t length;
    size_t data;
    const char *reason;
} bad_files[] = {
    {"", UINT64_MAX, 0, "does not begin with {"},
    {"{" A "}", 1000, 8, "impossible header length"},
    {"{" A "}", UINT64_MAX - 7, 8, "impossible header length"},
    {"{" A "}", 200000000, 8, "impossible header length"},
    {" {" A "}", UINT64_MAX, 8, "does not begin with {"},
    {"[]", UINT64_MAX, 0, "does not begin with {"},
    {"{" A, UINT64_MAX, 8, "header: "},
    {"{" A "}x", UINT64_MAX, 8, "header: "},
    {"{" A "}", UINT64_MAX, 7, "the data is cut"},
    {"{" A "}", UINT64_MAX, 9, "bytes after the last tensor"},
    {"{" A "," A "}", UINT64_MAX, 8, "listed twice"},
    {"{" B "}", UINT64_MAX, 16, "a hole"},
    {"{" A ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]}}", UINT64_MAX, 20, "a hole"},
    {"{" A ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", UINT64_MAX, 12, "overlaps"},
    {"{" A ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", UINT64_MAX, 8, "overlaps"},
    {"{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", UINT64_MAX, 8, "unknown dtype"},
    {"{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", UINT64_MAX, 8, "unknown dtype"},
    {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", UINT64_MAX, 8, "no shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", UINT64_MAX, 8, "bad shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}}", UINT64_MAX, 8, "bad shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}", UINT64_MAX, 8,
     "bad shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", UINT64_MAX, 8, "bad data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", UINT64_MAX, 8, "bad data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,9]}}", UINT64_MAX, 8, "bad data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", UINT64_MAX, 8, "do not agree"},
    {"{\"a\":5}", UINT64_MAX, 0, "unknown dtype"},
    {"{\"__metadata__\":{\"format\":1}," A "}", UINT64_MAX, 8, "not a string"},
    {"{\"__metadata__\":[]," A "}", UINT64_MAX, 8, "not an object"},
};
#define BAD_FILES (sizeof bad_files / sizeof *bad_files)

START_TEST(test_bad_header) {
    struct safetensors *file;
    write_file(bad_files[_i].header, bad_files[_i].length, bad_files[_i].data);
    ck_assert_int_eq(safetensors_open(&file, folder_path("x"), &error), -1);
    ck_assert_ptr_null(file);
    ck_assert_int_eq(error.code, ERROR_DATA);
    ck_assert_msg(strstr(error.message, bad_files[_i].reason) != NULL, "%s", error.message);
}
END_TEST

START_TEST(test_good_headers) {
    static const struct {
        const char *header;
        size_t data;
    } good[] = {{"{}", 0},
                {"{" B "," A "}", 16},
                {"{\"__metadata__\":{\"format\":\"pt\"}," A "}    ", 8},
                {"{\"e\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}," A "}", 8},
                {"{\"s\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}", 8}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct safetensors *file;
        write_file(good[i].header, UINT64_MAX, good[i].data);
        ck_assert_msg(safetensors_open(&file, folder_path("x"), &error) == 0, "%s", error.message);
        safetensors_close(file);
    }
}
END_TEST

START_TEST(test_short_files) {
    struct safetensors *file;
    for (size_t size = 0; size < 8; size++) {
        file_write(folder_path("x"), "\2\0\0\0\0\0\0\0", size);
        ck_assert_int_eq(safetensors_open(&file, folder_path("x"), &error), -1);
        ck_assert_int_eq(error.code, ERROR_DATA);
    }
    ck_assert_int_eq(safetensors_open(&file, folder_path("none"), &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
}
END_TEST

/* Every half-precision number, against what the formats say. */
START_TEST(test_halves) {
    enum { COUNT = 65536 };
    struct bytes content = {0};
    const char *header = "{\"f\":{\"dtype\":\"F16\",\"shape\":[65536],\"data_offsets\":[0,131072]},"
                         "\"b\":{\"dtype\":\"BF16\",\"shape\":[65536],\"data_offsets\":[131072,262144]}}";
    uint64_t length = strlen(header);
    bytes_append(&content, &length, sizeof length);
    bytes_append_text(&content, header);
    for (size_t i = 0; i < 2 * COUNT; i++) {
        uint16_t bits = (uint16_t)i;
        bytes_append(&content, &bits, sizeof bits);
    }
    file_write(folder_path("x"), content.data, content.size);
    struct safetensors *file;
    float *half = memory_zeroed(COUNT, sizeof *half), *brain = memory_zeroed(COUNT, sizeof *brain);
    ck_assert_int_eq(safetensors_open(&file, folder_path("x"), &error), 0);
    ck_assert_int_eq(safetensors_read(file, SPAN_LITERAL("f"), 0, COUNT, half, &error), 0);
    ck_assert_int_eq(safetensors_read(file, SPAN_LITERAL("b"), 0, COUNT, brain, &error), 0);
    for (size_t i = 0; i < COUNT; i++) {
        int exponent = (int)(i >> 10 & 31);
        double fraction = (double)(i & 1023) / 1024, sign = i >> 15 ? -1 : 1;
        double expected = exponent == 31 ? (fraction > 0 ? NAN : INFINITY)
                          : exponent     ? ldexp(1 + fraction, exponent - 15)
                                         : ldexp(fraction, -14);
        ck_assert(isnan(expected) ? isnan(half[i]) : (double)half[i] == sign * expected);
        uint32_t bits;
        memcpy(&bits, &brain[i], sizeof bits);
        ck_assert_uint_eq(bits, i << 16);
    }
    safetensors_close(file);
    bytes_release(&content);
    free(half);
    free(brain);
}
END_TEST

/* What a model needs and a file lacks is named. */
START_TEST(test_mismatches) {
    struct model *model = make_model(1, true), *loaded;
    ck_assert_int_eq(checkpoint_save(folder_path("model"), model, NULL, NULL, 0, &error), 0);
    struct bytes config = {0};
    static const struct {
        const char *from, *to, *reason;
    } edits[] = {
        {"\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "model.layers.2.input_layernorm.weight: missing"},
        {"\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "not one of this config's"},
        {"\"intermediate_size\": 64", "\"intermediate_size\": 65", "mlp.gate_proj.weight: of another shape"},
        {"\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", "lm_head.weight: missing"},
        {"\"attention_bias\": false", "\"attention_bias\": true", "attention_bias is not supported"},
        {"\"mlp_bias\": false", "\"mlp_bias\": true", "mlp_bias is not supported"},
        {"\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\":\"yarn\"}", "rope_scaling of type yarn"},
        {"\"rope_scaling\": null", "\"sliding_window\": 64", "sliding_window is not supported"},
        {"\"hidden_act\": \"silu\"", "\"hidden_act\": \"gelu\"", "hidden_act other than silu"},
        {"\"model_type\": \"llama\"", "\"model_type\": \"gpt2\"", "model_type is neither llama nor qwen3"},
        {"\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3", "num_key_value_heads must divide"},
        {"\"vocab_size\": 70", "\"vocab_size\": 700000", "fewer weights than the config says"},
        {"\"hidden_size\": 24", "\"hidden_size\": 1000000,\"x\":1", "fewer weights"},
        {"\"intermediate_size\": 64", "\"intermediate_size\": 100000000", "fewer weights"},
        {"\"vocab_size\": 70", "\"vocab_size\": -70", "vocab_size"},
        {"\"vocab_size\": 70", "\"vocab_size\": 1e300", "vocab_size"},
        {"\"head_dim\": 6", "\"head_dim\": 5", "head_dim must be even"},
        {"\"eos_token_id\": 4", "\"eos_token_id\": 70", "eos_token_id is outside"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct bytes edited = {0};
        bytes_clear(&config);
        model_config_append_json(&model->config, WEIGHT_F32, &config);
        const char *text = bytes_text(&config), *at = strstr(text, edits[i].from);
        ck_assert_msg(at != NULL, "%s", edits[i].from);
        bytes_append(&edited, text, (size_t)(at - text));
        bytes_append_text(&edited, edits[i].to);
        bytes_append_text(&edited, at + strlen(edits[i].from));
        file_write(folder_path("model/config.json"), edited.data, edited.size);
        ck_assert_int_eq(checkpoint_load(&loaded, folder_path("model"), &error), -1);
        ck_assert_ptr_null(loaded);
        ck_assert_int_eq(error.code, ERROR_DATA);
        ck_assert_msg(strstr(error.message, edits[i].reason) != NULL, "%s, not %s", error.message, edits[i].reason);
        bytes_release(&edited);
    }
    bytes_release(&config);
    model_free(model);
}
END_TEST

/* A config as newer libraries write it: rope_parameters, a list of end tokens. */
START_TEST(test_other_writers) {
    const char *text =
        "{\"model_type\":\"llama\",\"vocab_size\":9,\"hidden_size\":8,\"intermediate_size\":8,\"num_hidden_layers\":1,"
        "\"num_attention_heads\":2,\"eos_token_id\":[3,4],\"rope_parameters\":{\"rope_type\":\"default\",\"rope_"
        "theta\":5e5}}";
    struct model_config config;
    file_write(folder_path("config.json"), text, strlen(text));
    ck_assert_msg(model_config_load(&config, folder_path("config.json"), &error) == 0, "%s", error.message);
    ck_assert_double_eq(config.rope_theta, 5e5);
    ck_assert_int_eq(config.eos, 3);
    ck_assert_uint_eq(config.kv_heads, 2);
    ck_assert_uint_eq(config.head_size, 4);
    ck_assert(!config.tied);
}
END_TEST

START_TEST(test_every_field_is_written) {
    static const char *const fields[] = {
        "architectures",           "model_type",          "vocab_size",          "hidden_size",    "intermediate_size",
        "num_hidden_layers",       "num_attention_heads", "num_key_value_heads", "head_dim",       "hidden_act",
        "max_position_embeddings", "rms_norm_eps",        "rope_theta",          "attention_bias", "mlp_bias",
        "tie_word_embeddings",     "bos_token_id",        "eos_token_id",        "pad_token_id",   "torch_dtype"};
    struct model *model = make_model(1, true);
    struct bytes text = {0};
    struct json_document *document;
    model_config_append_json(&model->config, WEIGHT_F32, &text);
    ck_assert_int_eq(json_parse(&document, span_of_bytes(&text), &error), 0);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        ck_assert_msg(json_member(json_root(document), fields[i]) != NULL, "%s", fields[i]);
    json_free(document);
    bytes_release(&text);
    model_free(model);
}
END_TEST

START_TEST(test_parameters) {
    struct model *model = make_model(1, _i);
    uint64_t count = 0;
    for (size_t i = 0; i < model->tensor_count; i++)
        count += tensor_elements(&model->tensors[i]);
    ck_assert_uint_eq(model_config_parameters(&model->config), count);
    /* Configuration S of the documentation: 89.7M FLOPs a token. */
    struct model_config s = model_config_default(8192, 6, 384, 6, 256);
    ck_assert_uint_eq(s.intermediate, 1024);
    ck_assert_double_eq_tol(model_config_training_flops(&s, 256), 89.7e6, 0.05e6);
    model_free(model);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("checkpoint");
    TCase *cases = tcase_create("checkpoint");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, folder_make, folder_remove);
    tcase_add_loop_test(cases, test_save_load, 0, 2);
    tcase_add_test(cases, test_replace);
    tcase_add_test(cases, test_refuses_other_places);
    tcase_add_test(cases, test_kill);
    tcase_add_test(cases, test_link_and_find);
    tcase_add_loop_test(cases, test_bad_header, 0, (int)BAD_FILES);
    tcase_add_test(cases, test_good_headers);
    tcase_add_test(cases, test_short_files);
    tcase_add_test(cases, test_halves);
    tcase_add_test(cases, test_mismatches);
    tcase_add_test(cases, test_other_writers);
    tcase_add_test(cases, test_every_field_is_written);
    tcase_add_loop_test(cases, test_parameters, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
