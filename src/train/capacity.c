/* The memory of a run beside the limits of its process. It reads /proc and /sys and changes nothing. */
#include "train/capacity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "model/model.h"
#include "model/optimizer.h"
#include "model/transformer.h"

#define UNKNOWN UINT64_MAX

struct memory_need memory_need_of(const struct model_config *config, const struct settings *settings, size_t threads) {
    struct transformer_options shape = settings_transformer(settings, threads);
    struct optimizer_options options = settings_optimizer(settings);
    struct model *outline = model_outline(config);
    struct memory_need need = {
        .weights = outline->size * sizeof(float),
        .gradients = outline->size * sizeof(float),
        .optimizer = optimizer_memory(outline, &options),
        .activations = transformer_memory(config, &shape),
    };
    model_free(outline);
    return need;
}

uint64_t memory_need_total(const struct memory_need *need) {
    return need->weights + need->gradients + need->optimizer + need->activations;
}

/* The number behind `name` in a file of "name number" lines, or the first number where name is "". */
static uint64_t number_in(const char *path, const char *name) {
    char line[512];
    uint64_t number = UNKNOWN;
    FILE *file = fopen(path, "re");
    while (file && number == UNKNOWN && fgets(line, sizeof line, file)) {
        char *end, *at = line + strlen(name);
        if (strncmp(line, name, strlen(name)) != 0 || strncmp(at, "max", 3) == 0)
            continue;
        errno = 0;
        unsigned long long value = strtoull(at, &end, 10);
        if (end != at && errno == 0)
            number = value;
    }
    if (file)
        fclose(file);
    return number;
}

static uint64_t smaller(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t minus(uint64_t a, uint64_t b) {
    return a > b ? a - b : 0;
}

/* The names of one version's files. */
struct group_files {
    const char *root, *limit, *usage, *cache;
};

static const struct group_files group_v1 = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                            "total_inactive_file "};
static const struct group_files group_v2 = {"/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "};

/* What one group leaves. */
static uint64_t group_rest(const struct group_files *files, const char *group) {
    char path[3][1024];
    const char *const names[] = {files->limit, files->usage, "memory.stat"};
    for (size_t i = 0; i < 3; i++)
        snprintf(path[i], sizeof path[i], "%s%s/%s", files->root, group, names[i]);
    uint64_t limit = number_in(path[0], ""), usage = number_in(path[1], ""), cache = number_in(path[2], files->cache);
    if (limit == UNKNOWN || usage == UNKNOWN)
        return UNKNOWN;
    return minus(limit, cache == UNKNOWN ? usage : minus(usage, cache));
}

/* The least that a group and those above it leave. */
static uint64_t groups_rest(const struct group_files *files, char *group) {
    uint64_t rest = UNKNOWN;
    for (;;) {
        rest = smaller(rest, group_rest(files, group));
        char *slash = strrchr(group, '/');
        if (!slash)
            return rest;
        *slash = '\0';
    }
}

static uint64_t control_group_rest(void) {
    char line[768];
    uint64_t rest = UNKNOWN;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        if (strcmp(controllers + 1, "") == 0)
            rest = smaller(rest, groups_rest(&group_v2, group));
        else if (strstr(controllers + 1, "memory"))
            rest = smaller(rest, groups_rest(&group_v1, group));
    }
    if (file)
        fclose(file);
    return rest;
}

/* What a limit on the process leaves, by its use in pages at this place of /proc/self/statm. */
static uint64_t limit_rest(__rlimit_resource_t resource, size_t place) {
    struct rlimit limit;
    unsigned long long pages[7] = {0};
    FILE *file = fopen("/proc/self/statm", "re");
    int read = file ? fscanf(file, "%llu %llu %llu %llu %llu %llu %llu", &pages[0], &pages[1], &pages[2], &pages[3],
                             &pages[4], &pages[5], &pages[6])
                    : 0;
    if (file)
        fclose(file);
    if (read != 7 || getrlimit(resource, &limit) || limit.rlim_cur == RLIM_INFINITY)
        return UNKNOWN;
    return minus(limit.rlim_cur, pages[place] * (uint64_t)sysconf(_SC_PAGESIZE));
}

uint64_t memory_available(const char **limit) {
    uint64_t free_kilobytes = number_in("/proc/meminfo", "MemAvailable:");
    const struct {
        const char *name;
        uint64_t rest;
    } bounds[] = {
        {"the machine", free_kilobytes == UNKNOWN ? UNKNOWN : free_kilobytes * 1024},
        {"its control group", control_group_rest()},
        {"the limit on its address space", limit_rest(RLIMIT_AS, 0)},
        {"the limit on its data", limit_rest(RLIMIT_DATA, 5)},
    };
    uint64_t least = UNKNOWN;
    *limit = bounds[0].name;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (bounds[i].rest < least) {
            least = bounds[i].rest;
            *limit = bounds[i].name;
        }
    return least;
}

int memory_require(const struct memory_need *need, struct error *error) {
    const char *limit;
    uint64_t available = memory_available(&limit), total = memory_need_total(need);
    if (total <= available)
        return 0;
    return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                     "training needs %.0f MB of memory and %s leaves it %.0f MB: make the model, --micro-batch or "
                     "--length smaller (--overcommit tries it all the same)",
                     (double)total / 1e6, limit, (double)available / 1e6);
}
