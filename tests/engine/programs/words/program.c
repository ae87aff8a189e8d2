/* Letters, words and lines of a text.
 *
 * Usage: words [copies of the text]
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char sentence[] = "The quick brown fox jumps over the lazy dog;\n"
                               "then it rests in the sun.  Nobody sees it go.\n";

int main(int argc, char **argv)
{
    int copies = argc > 1 ? atoi(argv[1]) : 1000;
    int length = (int)strlen(sentence);
    int total = copies * length;
    char *text = malloc(total + 1);
    int letters[26] = {0}, lines = 0, words = 0, vowels = 0, inside = 0;
    if (copies < 1 || text == NULL)
        return 1;

    for (int c = 0; c < copies; c++)
        memcpy(text + c * length, sentence, length);
    text[total] = '\0';

    for (int i = 0; i < total; i++)
        if (text[i] == '\n')
            lines++;

    for (int i = 0; i < total; i++)
        if (isalpha((unsigned char)text[i]))
            letters[tolower((unsigned char)text[i]) - 'a']++;

    /* a word begins where a letter follows something else */
    for (int i = 0; i < total; i++) {
        int is_letter = isalpha((unsigned char)text[i]) != 0;
        if (is_letter && !inside)
            words++;
        inside = is_letter;
    }

    for (int i = 0; text[i] != '\0'; i++)
        if (strchr("aeiou", text[i]) != NULL)
            vowels++;

    for (int i = 0; i < total; i++)
        text[i] = (char)toupper((unsigned char)text[i]);

    printf("%d lines, %d words, %d vowels, %d times e, %c\n", lines, words, vowels,
           letters['e' - 'a'], text[1]);
    free(text);
    return 0;
}
