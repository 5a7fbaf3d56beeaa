/** What a translation must hold: the same keys as the English messages, any text. */
export type Translated<Messages> = {
  readonly [Key in keyof Messages]: Messages[Key] extends string
    ? string
    : Translated<Messages[Key]>;
};

/** Dotted paths of all messages: `datasets.title`. */
export type KeyOf<Messages> = {
  [Key in keyof Messages & string]: Messages[Key] extends string
    ? Key
    : `${Key}.${KeyOf<Messages[Key]>}`;
}[keyof Messages & string];
