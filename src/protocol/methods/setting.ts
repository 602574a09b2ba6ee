export interface Setting {
  key: string;
  value: string | number | boolean | null;
  origin: 'default' | 'file' | 'env' | 'flag';
}
