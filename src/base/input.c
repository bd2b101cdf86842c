/*
 * Input streams. Owns opening, buffering, positions and how errors wait until the bytes before them were delivered; the
 * formats themselves are in decompress.c, and nothing here knows of lines or records.
 */
#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/decompress.h"
#include "base/memory.h"

#define RAW_SIZE ((size_t)512 << 10)
/* So many bytes of a compressed file are kept behind the decoder, for input_resume. */
#define RAW_KEPT ((size_t)256 << 10)
#define DECODED_SIZE ((size_t)128 << 10) /* a zstd block */
#define VIEW_SIZE ((size_t)64 << 10)     /* what input_peek can show */
/* What input_resume wants to see of a member before it judges it: at least a zstd block, and what that decodes to. */
#define TRIAL_SIZE ((size_t)132 << 10)
#define TRIAL_DECODED_SIZE 8192

struct input {
    char *name;
    int descriptor;        /* -1 for memory */
    struct span raw;       /* bytes of the file not yet taken; within raw_buffer, or the caller's memory */
    const char *raw_begin; /* what came before raw is still there from here on */
    char *raw_buffer;      /* RAW_KEPT + RAW_SIZE bytes; NULL for memory */
    bool raw_ended;        /* nothing follows raw */
    uint64_t raw_position; /* of raw within the file */
    uint64_t raw_size;
    struct error read_failure; /* of the file, behind raw */
    uint64_t member_position;  /* where in the file the decoder's member or frame began */
    uint64_t member_start;     /* the same in decoded bytes */
    uint64_t produced;         /* decoded bytes, delivered or not */
    struct decoder *decoder;   /* NULL where the file is not compressed */
    enum decoder_status decoder_status;
    char *decoded_buffer; /* DECODED_SIZE bytes; NULL where the file is not compressed */
    struct span decoded;  /* within decoded_buffer */
    char *view_buffer;    /* VIEW_SIZE bytes; NULL until it is needed */
    struct span view;     /* bytes that input_read delivers next, before unread, decoded and raw; within view_buffer */
    struct span unread;   /* given back by input_unread; within unread_buffer */
    struct bytes unread_buffer;
    uint64_t position;    /* decoded bytes delivered */
    bool ended;           /* nothing follows view */
    struct error failure; /* what ended it, reported once view is empty */
};

/* read(2) that waits out signals and descriptors that someone set to non-blocking. */
static ssize_t read_some(int descriptor, void *buffer, size_t size) {
    for (;;) {
        ssize_t got = read(descriptor, buffer, size);
        if (got >= 0)
            return got;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd wait = {.fd = descriptor, .events = POLLIN};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

/* Reads more of the file behind what is left of raw. Returns 0 with raw_ended set at the end. */
static int refill(struct input *input, struct error *error) {
    size_t before = (size_t)(input->raw.data - input->raw_buffer);
    if (before > RAW_KEPT || !input->decoder) {
        size_t kept = input->decoder ? RAW_KEPT : 0;
        memmove(input->raw_buffer, input->raw.data - kept, kept + input->raw.size);
        before = kept;
    }
    char *end = input->raw_buffer + before + input->raw.size;
    input->raw.data = input->raw_buffer + before;
    ssize_t got = read_some(input->descriptor, end, RAW_SIZE - input->raw.size);
    if (got < 0)
        return error_set_system(error, "cannot read %s", input->name);
    input->raw.size += (size_t)got;
    input->raw_ended = got == 0;
    return 0;
}

/*
 * Fills raw up for a decoder. Decoders find damage sooner or later depending on how much they are given and how much
 * room they have; whole buffers of both make what comes before an error the same for a file and a pipe.
 */
static void fill_raw(struct input *input) {
    while (input->raw.size < RAW_SIZE && !input->raw_ended && !input->read_failure.code)
        refill(input, &input->read_failure);
}

/* Looks at the first bytes. A pipe may give them one at a time. */
static int recognise(struct input *input, struct error *error) {
    while (input->raw.size < COMPRESSION_HEAD_SIZE && !input->raw_ended) {
        if (refill(input, error))
            return -1;
    }
    enum compression compression = compression_detect(input->raw);
    if (compression != COMPRESSION_NONE) {
        input->decoder = decoder_new(compression);
        input->decoded_buffer = memory_allocate(DECODED_SIZE);
        fill_raw(input);
    }
    return 0;
}

static int open_descriptor(struct input *input, const char *path, struct error *error) {
    if (strcmp(path, "-") == 0)
        input->descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    else
        input->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input->descriptor < 0)
        return error_set_system(error, "cannot open %s", input->name);
    struct stat status;
    if (fstat(input->descriptor, &status))
        return error_set_system(error, "cannot open %s", input->name);
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return error_set_system(error, "cannot read %s", input->name);
    }
    if (S_ISREG(status.st_mode)) {
        /* A stdin that somebody read from before begins where they stopped. */
        off_t start = lseek(input->descriptor, 0, SEEK_CUR);
        input->raw_size = start >= 0 && start < status.st_size ? (uint64_t)(status.st_size - start) : 0;
        posix_fadvise(input->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return 0;
}

static struct input *input_new(const char *name) {
    struct input *input = memory_zeroed(1, sizeof *input);
    input->name = memory_copy(name, strlen(name));
    input->descriptor = -1;
    return input;
}

static int open_path(struct input **result, const char *path, bool decompress, struct error *error) {
    *result = NULL;
    struct input *input = input_new(strcmp(path, "-") == 0 ? "stdin" : path);
    input->raw_buffer = memory_allocate(RAW_KEPT + RAW_SIZE);
    input->raw_begin = input->raw.data = input->raw_buffer;
    if (open_descriptor(input, path, error) || (decompress && recognise(input, error))) {
        input_close(input);
        return -1;
    }
    *result = input;
    return 0;
}

int input_open(struct input **input, const char *path, struct error *error) {
    return open_path(input, path, true, error);
}

int input_open_raw(struct input **input, const char *path, struct error *error) {
    return open_path(input, path, false, error);
}

int input_open_memory(struct input **result, const char *name, struct span data, struct error *error) {
    struct input *input = input_new(name);
    input->raw = data;
    input->raw_begin = data.data;
    input->raw_ended = true;
    input->raw_size = data.size;
    *result = input;
    return recognise(input, error);
}

void input_use_threads(struct input *input, unsigned threads) {
    if (input->decoder && input->produced == 0)
        decoder_use_threads(input->decoder, threads);
}

void input_close(struct input *input) {
    if (!input)
        return;
    if (input->descriptor >= 0)
        close(input->descriptor);
    decoder_free(input->decoder);
    free(input->decoded_buffer);
    free(input->raw_buffer);
    free(input->view_buffer);
    bytes_release(&input->unread_buffer);
    free(input->name);
    free(input);
}

/* Moves bytes from the front of *from to out. */
static size_t take(struct span *from, char *out, size_t size) {
    size_t taken = from->size < size ? from->size : size;
    if (taken) {
        memcpy(out, from->data, taken);
        from->data += taken;
        from->size -= taken;
    }
    return taken;
}

/* One step of an uncompressed stream: 1 with *written bytes (maybe none), 0 at the end, -1 on error. */
static int produce_plain(struct input *input, char *out, size_t size, size_t *written, struct error *error) {
    if (input->raw.size) {
        *written = take(&input->raw, out, size);
        input->raw_position += *written;
        return 1;
    }
    if (input->raw_ended)
        return 0;
    if (size < RAW_SIZE)
        return refill(input, error) ? -1 : 1;
    ssize_t got = read_some(input->descriptor, out, size);
    if (got < 0)
        return error_set_system(error, "cannot read %s", input->name);
    *written = (size_t)got;
    input->raw_position += (size_t)got;
    input->raw_ended = got == 0;
    return 1;
}

static int report_failed_decoder(const struct input *input, struct error *error) {
    uint64_t position = input->raw_position - decoder_ahead(input->decoder);
    return error_set(error, ERROR_DATA, position, "%s: compressed byte %llu: %s", input->name,
                     (unsigned long long)position, decoder_reason(input->decoder));
}

/* One run of the decoder, into decoded. */
static void run_decoder(struct input *input) {
    size_t before = input->raw.size;
    input->decoded.data = input->decoded_buffer;
    input->decoder_status = decoder_run(input->decoder, &input->raw, input->raw_ended, input->decoded_buffer,
                                        DECODED_SIZE, &input->decoded.size);
    input->raw_position += before - input->raw.size;
    input->produced += input->decoded.size;
}

/* Decodes into decoded, which is empty. Returns as produce_plain. */
static int decode(struct input *input, struct error *error) {
    if (input->decoder_status == DECODER_END)
        return 0;
    if (input->decoder_status == DECODER_FAILED)
        return report_failed_decoder(input, error);
    if (decoder_is_between(input->decoder)) {
        input->member_position = input->raw_position;
        input->member_start = input->produced;
        /* What lies whole in the buffer is decoded fastest. */
        if (input->raw.size < RAW_SIZE / 2)
            fill_raw(input);
    }
    /* To a decoder that works ahead, empty input would say that nothing follows for now. */
    if (!input->raw.size && !input->raw_ended && decoder_compression(input->decoder) == COMPRESSION_BZIP2)
        fill_raw(input);
    run_decoder(input);
    if (input->decoder_status == DECODER_MORE && !input->decoded.size && !input->raw.size && !input->raw_ended) {
        fill_raw(input);
        if (!input->raw.size && input->read_failure.code) {
            *error = input->read_failure;
            return -1;
        }
    }
    return 1;
}

static int produce_decoded(struct input *input, char *out, size_t size, size_t *written, struct error *error) {
    if (!input->decoded.size)
        return decode(input, error);
    *written = take(&input->decoded, out, size);
    return 1;
}

/* Fills out as far as possible; a short count means that input->ended is set, and why is in input->failure. */
static size_t produce(struct input *input, char *out, size_t size) {
    size_t filled = take(&input->unread, out, size);
    if (input->unread_buffer.data && !input->unread.size)
        bytes_release(&input->unread_buffer);
    while (filled < size && !input->ended) {
        size_t written = 0;
        struct error *failure = &input->failure;
        int result = input->decoder ? produce_decoded(input, out + filled, size - filled, &written, failure)
                                    : produce_plain(input, out + filled, size - filled, &written, failure);
        filled += written;
        input->ended = result != 1;
    }
    return filled;
}

/* The end or the failure, after everything was delivered. */
static int report_end(const struct input *input, struct error *error) {
    if (input->failure.code == ERROR_NONE)
        return 0;
    if (error)
        *error = input->failure;
    return -1;
}

ssize_t input_read(struct input *input, void *buffer, size_t size, struct error *error) {
    size_t from_view = take(&input->view, buffer, size);
    size_t filled = from_view + produce(input, (char *)buffer + from_view, size - from_view);
    input->position += filled;
    if (size && !filled)
        return report_end(input, error);
    return (ssize_t)filled;
}

int input_peek(struct input *input, size_t want, struct span *view, struct error *error) {
    if (want > VIEW_SIZE)
        want = VIEW_SIZE;
    if (input->view.size < want && (!input->ended || input->unread.size)) {
        if (!input->view_buffer)
            input->view_buffer = memory_allocate(VIEW_SIZE);
        if (input->view.size)
            memmove(input->view_buffer, input->view.data, input->view.size);
        input->view.data = input->view_buffer;
        input->view.size += produce(input, input->view_buffer + input->view.size, want - input->view.size);
    }
    *view = input->view;
    return want && !view->size ? report_end(input, error) : 0;
}

int input_read_all(struct input *input, size_t limit, struct bytes *bytes, struct error *error) {
    size_t start = bytes->size;
    for (;;) {
        size_t room = limit - (bytes->size - start);
        /* One byte over the limit tells that there is more. A known size saves growing. */
        uint64_t expected = input->decoder || input->raw_size < input->position ? 0 : input->raw_size - input->position;
        size_t step = expected >= RAW_SIZE ? (size_t)expected + 1 : RAW_SIZE;
        if (step > room)
            step = room < SIZE_MAX ? room + 1 : room;
        char *end = bytes_reserve(bytes, step);
        ssize_t got = input_read(input, end, step, error);
        if (got < 0)
            return -1;
        if ((size_t)got > room)
            return error_set(error, ERROR_DATA, limit, "%s: longer than %zu bytes", input->name, limit);
        bytes->size += (size_t)got;
        if ((size_t)got < step && report_end(input, error))
            return -1;
        if ((size_t)got < step)
            return 0;
    }
}

int input_load(const char *path, size_t limit, struct bytes *bytes, struct error *error) {
    struct input *input;
    if (input_open(&input, path, error))
        return -1;
    int result = input_read_all(input, limit, bytes, error);
    input_close(input);
    return result;
}

void input_unread(struct input *input, struct span data) {
    struct bytes all = {0};
    bytes_append_span(&all, data);
    bytes_append_span(&all, input->view);
    bytes_append_span(&all, input->unread);
    bytes_release(&input->unread_buffer);
    input->unread_buffer = all;
    input->unread = span_of_bytes(&all);
    input->view.size = 0;
    input->position -= data.size;
}

bool input_is_damaged(const struct input *input, uint64_t *start) {
    *start = input->member_start;
    return input->decoder_status == DECODER_FAILED && !decoder_is_between(input->decoder);
}

static void pass_raw(struct input *input, size_t size) {
    input->raw.data += size;
    input->raw.size -= size;
    input->raw_position += size;
}

/* Whether what stands at raw decodes to something that fits. */
static bool try_member(struct input *input, bool (*fits)(struct span start)) {
    struct span raw = input->raw, start = {input->decoded_buffer, 0};
    enum decoder_status status = DECODER_MORE;
    decoder_restart(input->decoder);
    while (status == DECODER_MORE && start.size < TRIAL_DECODED_SIZE) {
        size_t before = raw.size, written;
        status = decoder_run(input->decoder, &raw, input->raw_ended, input->decoded_buffer + start.size,
                             TRIAL_DECODED_SIZE - start.size, &written);
        start.size += written;
        if (!written && raw.size == before)
            break;
    }
    decoder_restart(input->decoder);
    return fits(start);
}

/* Back to the failed member, as far as its bytes are still there: a decoder may run on into the members after it. */
static void rewind_raw(struct input *input) {
    size_t kept = (size_t)(input->raw.data - input->raw_begin);
    uint64_t member = input->raw_position - input->member_position;
    size_t back = member < kept ? (size_t)member : kept;
    input->raw.data -= back;
    input->raw.size += back;
    input->raw_position -= back;
    if (back == member && input->raw.size)
        pass_raw(input, 1);
}

int input_resume(struct input *input, bool (*fits)(struct span start), uint64_t *position, struct error *error) {
    if (!input->decoder || input->decoder_status != DECODER_FAILED)
        return 0;
    struct span magic = decoder_magic(input->decoder);
    if (!magic.data)
        return 0;
    rewind_raw(input);
    for (;;) {
        if (input->raw.size < TRIAL_SIZE)
            fill_raw(input);
        if (input->raw.size < TRIAL_SIZE && input->read_failure.code) {
            input->failure = input->read_failure;
            return report_end(input, error);
        }
        const char *found = memmem(input->raw.data, input->raw.size, magic.data, magic.size);
        if (!found && input->raw_ended)
            return 0;
        size_t kept = magic.size - 1;
        pass_raw(input, found ? (size_t)(found - input->raw.data) : input->raw.size - kept);
        if (!found || (input->raw.size < TRIAL_SIZE && !input->raw_ended))
            continue;
        if (try_member(input, fits))
            break;
        pass_raw(input, 1);
    }
    input->decoder_status = DECODER_MORE;
    input->ended = false;
    input->failure.code = ERROR_NONE;
    *position = input->raw_position;
    return 1;
}

const char *input_name(const struct input *input) {
    return input->name;
}

uint64_t input_position(const struct input *input) {
    return input->position;
}

uint64_t input_raw_position(const struct input *input) {
    return input->raw_position;
}

uint64_t input_raw_size(const struct input *input) {
    return input->raw_size;
}

bool input_is_compressed(const struct input *input) {
    return input->decoder != NULL;
}
