/* Sets the status of the accounts of a text or CSV file, one a line, and prints the report.
 *
 *     set_status disabled ACCOUNTS.csv [CA.pem]
 *
 * Options come from the environment: HWM_APP_ID and HWM_APP_KEY, HWM_ENDPOINT, … */
#include <hwm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first field of every line, but for the header "account" of a CSV file. */
static char **read_lines(FILE *file, size_t *count) {
    char line[1024], **lines = NULL;
    size_t room = 0;
    for (*count = 0; fgets(line, sizeof line, file) != NULL;) {
        line[strcspn(line, "\r\n,")] = '\0';
        if (line[0] == '\0' || (*count == 0 && strcmp(line, "account") == 0))
            continue;
        if (*count == room) {
            room = room == 0 ? 256 : 2 * room;
            lines = realloc(lines, room * sizeof *lines);
        }
        if (lines == NULL || (lines[*count] = malloc(strlen(line) + 1)) == NULL)
            exit(EXIT_FAILURE);
        strcpy(lines[(*count)++], line);
    }
    return lines;
}

static void print(const hwm_report *report) {
    for (size_t i = 0; i < hwm_report_size(report); i++) {
        hwm_report_entry entry;
        if (hwm_report_item(report, i, &entry, sizeof entry, NULL) == HWM_OK)
            printf("%-13s %s %s %s\n", hwm_outcome_name(entry.outcome), entry.account,
                   entry.service_code, entry.message);
    }
    printf("%zu of %zu applied\n", hwm_report_count(report, HWM_OUTCOME_APPLIED),
           hwm_report_size(report));
}

int main(int argc, char **argv) {
    FILE *file = argc > 2 ? fopen(argv[2], "r") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: %s normal|disabled ACCOUNTS.csv [CA.pem]\n", argv[0]);
        return EXIT_FAILURE;
    }
    int32_t status = strcmp(argv[1], "normal") == 0 ? HWM_STATUS_NORMAL : HWM_STATUS_DISABLED;
    size_t count;
    char **accounts = read_lines(file, &count);
    fclose(file);

    hwm_options *options = hwm_options_new();
    hwm_client *client = NULL;
    hwm_report *report = NULL;
    hwm_error *error = NULL;

    hwm_code code = hwm_options_from_env(options, &error);
    if (code >= 0 && argc > 3)
        code = hwm_options_set(options, "ca_file", argv[3], &error);
    if (code >= 0)
        code = hwm_client_new(options, &client, &error);
    if (code >= 0)
        code = hwm_set_status(client, status, (const char *const *)accounts, NULL, count, NULL, &report,
                              &error);
    if (report != NULL)
        print(report);
    if (code < 0)
        fprintf(stderr, "%s: %s\n", hwm_code_name(code), hwm_error_message(error));

    hwm_report_free(report);
    hwm_error_free(error);
    hwm_client_free(client);
    hwm_options_free(options);
    for (size_t i = 0; i < count; i++)
        free(accounts[i]);
    free(accounts);
    return code == HWM_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
