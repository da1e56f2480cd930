// What the canvas needs from outside: compressed payloads. The core imports no package and no zlib; an adapter gives
// these. Sizes are known before anything is decompressed, so nobody can make it allocate more than is announced.

export interface Codecs {
  /**
   * A zlib stream of exactly `exactLength` bytes. Bytes after the end of the stream are ignored. Undefined when it is
   * damaged, shorter or longer; it never allocates more than about `exactLength` bytes.
   */
  inflate(bytes: Uint8Array, exactLength: number): Uint8Array | undefined;
  /** One zstd frame of exactly `exactLength` bytes. Bytes after it are an error as well. Undefined as above. */
  unzstd(bytes: Uint8Array, exactLength: number): Uint8Array | undefined;
  /** A zlib stream, for 2.1 and 2.2 reset images. */
  deflate(bytes: Uint8Array): Uint8Array;
  /** One zstd frame, for 2.3 reset images. */
  zstd(bytes: Uint8Array): Uint8Array;
}
