/*
 * The list of temporary files. It is the one piece of global state besides the program's name: a signal handler has no
 * other way to them. It only grows, slots are reused, and every field that a handler reads is atomic or was written
 * before the state that shows it.
 */
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/memory.h"

#define NAME_SHOWN 200 /* bytes of the target's name in the temporary's, so that it stays under NAME_MAX */

enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_EXISTS };

struct temporary {
    struct temporary *next; /* constant once in the list */
    atomic_int state;
    char path[PATH_MAX]; /* constant while SLOT_EXISTS */
};

static struct temporary *_Atomic first_slot;
static atomic_flag cleans_at_exit = ATOMIC_FLAG_INIT;

static struct temporary *slot_take(void) {
    for (struct temporary *slot = atomic_load(&first_slot); slot; slot = slot->next) {
        int expected = SLOT_FREE;
        if (atomic_compare_exchange_strong(&slot->state, &expected, SLOT_TAKEN))
            return slot;
    }
    struct temporary *slot = memory_zeroed(1, sizeof *slot);
    atomic_init(&slot->state, SLOT_TAKEN);
    slot->next = atomic_load(&first_slot);
    while (!atomic_compare_exchange_weak(&first_slot, &slot->next, slot)) {
    }
    return slot;
}

/* Writes a path with six random characters. Returns -1 with errno where it is too long. */
static int name_temporary(struct temporary *slot, const char *target) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    uint8_t random[6];
    char suffix[sizeof random + 1] = "";
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return -1;
    for (size_t i = 0; i < sizeof random; i++)
        suffix[i] = letters[random[i] % (sizeof letters - 1)];
    const char *slash = strrchr(target, '/');
    const char *name = slash ? slash + 1 : target;
    int size =
        snprintf(slot->path, sizeof slot->path, "%.*s.%.*s.%s", (int)(name - target), target, NAME_SHOWN, name, suffix);
    if (size < 0 || (size_t)size >= sizeof slot->path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return 0;
}

int temporary_create(struct temporary **temporary, const char *target, struct error *error) {
    if (!atomic_flag_test_and_set(&cleans_at_exit))
        atexit(temporary_remove_all);
    struct temporary *slot = slot_take();
    for (int attempt = 0; attempt < 100; attempt++) {
        if (name_temporary(slot, target))
            break;
        /* In the list before it exists: a signal in between then finds nothing, instead of leaving it behind. */
        atomic_store(&slot->state, SLOT_EXISTS);
        int descriptor = open(slot->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
        if (descriptor >= 0) {
            *temporary = slot;
            return descriptor;
        }
        atomic_store(&slot->state, SLOT_TAKEN);
        if (errno != EEXIST && errno != EINTR)
            break;
    }
    error_set_system(error, "cannot create a temporary file for %s", target);
    atomic_store(&slot->state, SLOT_FREE);
    return -1;
}

int temporary_rename(struct temporary *temporary, const char *target) {
    int result = rename(temporary->path, target);
    if (result) {
        int number = errno;
        unlink(temporary->path);
        errno = number;
    }
    atomic_store(&temporary->state, SLOT_FREE);
    return result;
}

void temporary_remove(struct temporary *temporary) {
    unlink(temporary->path);
    atomic_store(&temporary->state, SLOT_FREE);
}

void temporary_remove_all(void) {
    int number = errno;
    for (struct temporary *slot = atomic_load(&first_slot); slot; slot = slot->next) {
        if (atomic_load(&slot->state) == SLOT_EXISTS)
            unlink(slot->path);
    }
    errno = number;
}
