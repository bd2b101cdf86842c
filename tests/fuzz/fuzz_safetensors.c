/*
 * Any bytes as a safetensors file and as a config.json. A file that is taken gives out every tensor of floats that it
 * lists, whole; a config that is taken makes a sound model and writes to the same config.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "model/config.h"
#include "model/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held) {
    if (!held)
        abort();
}

/* A file of these bytes in memory; its path stands in `path`. */
static int make_file(const void *data, size_t size, char path[64]) {
    int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    require(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size);
    snprintf(path, 64, "/proc/self/fd/%d", descriptor);
    return descriptor;
}

static void check_tensors(const char *path, size_t size) {
    struct safetensors *file;
    struct error error;
    if (safetensors_open(&file, path, &error)) {
        require(error.message[0] != '\0');
        return;
    }
    float *values = memory_zeroed(size + 1, sizeof *values);
    for (size_t i = 0; i < safetensors_count(file); i++)
        for (size_t columns = 1; columns <= size; columns = columns * 2 + 1)
            if (safetensors_read(file, safetensors_name(file, i), 0, columns, values, &error))
                require(error.code == ERROR_DATA);
    safetensors_metadata(file, "format");
    safetensors_close(file);
    free(values);
}

static void check_config(const char *path) {
    struct model_config config, again;
    struct error error;
    if (model_config_load(&config, path, &error)) {
        require(error.message[0] != '\0');
        return;
    }
    require(model_config_check(&config, &error) == 0);
    struct bytes text = {0};
    model_config_append_json(&config, WEIGHT_F32, &text);
    char written[64];
    int descriptor = make_file(text.data, text.size, written);
    require(model_config_load(&again, written, &error) == 0);
    require(again.width == config.width && again.eos == config.eos && again.tied == config.tied);
    require(!(again.rope_theta < config.rope_theta || again.rope_theta > config.rope_theta));
    close(descriptor);
    bytes_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    int descriptor = make_file(data, size, path);
    check_tensors(path, size);
    check_config(path);
    close(descriptor);
    return 0;
}
