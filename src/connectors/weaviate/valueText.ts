import { printFloat } from '../../model/json/exact.ts';
import type { Int64, ListValue, PhoneNumber, Properties, Value } from './wire/messages.ts';

/** A property's value as JSON text; `number` spells a `number`, which may stand for an integer. */
export function valueText(value: Value, number: (value: number) => string): string {
  switch (value.kind) {
    case 'number_value':
      return number(value.number_value);
    case 'bool_value':
      return String(value.bool_value);
    case 'int_value':
      return value.int_value.toString();
    case 'text_value':
      return JSON.stringify(value.text_value);
    case 'uuid_value':
      return JSON.stringify(value.uuid_value);
    case 'date_value':
      return dateText(value.date_value);
    case 'blob_value':
      return `{"$bytes":${JSON.stringify(value.blob_value)}}`;
    case 'geo_value':
      return `{"$geo":{"lat":${printFloat(value.geo_value.latitude)},"lon":${printFloat(value.geo_value.longitude)}}}`;
    case 'phone_value':
      return phoneText(value.phone_value);
    case 'object_value':
      return objectText(value.object_value, number);
    case 'list_value':
      return `[${items(value.list_value, number).join(',')}]`;
    default:
      return 'null';
  }
}

function items(list: ListValue, number: (value: number) => string): string[] {
  switch (list.kind) {
    case 'number_values':
      return Array.from(new Float64Array(Uint8Array.from(list.number_values.values).buffer), number);
    case 'int_values':
      return Array.from(new BigInt64Array(Uint8Array.from(list.int_values.values).buffer), String);
    case 'bool_values':
      return list.bool_values.values.map(String);
    case 'text_values':
      return list.text_values.values.map(text => JSON.stringify(text));
    case 'uuid_values':
      return list.uuid_values.values.map(text => JSON.stringify(text));
    case 'date_values':
      return list.date_values.values.map(dateText);
    case 'object_values':
      return list.object_values.values.map(object => objectText(object, number));
    default:
      return [];
  }
}

function dateText(date: string): string {
  return `{"$date":${JSON.stringify(date)}}`;
}

function objectText({ fields }: Properties, number: (value: number) => string): string {
  const members = fields
    .filter(({ value }) => value?.kind !== undefined && value.kind !== 'null_value')
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, value }) => `${JSON.stringify(key)}:${valueText(value!, number)}`);
  return `{${members.join(',')}}`;
}

/** With the names of the REST interface. */
function phoneText(phone: PhoneNumber): string {
  const whole = (value: Int64): string => value.toString();
  const members: [string, string][] = [
    ['input', JSON.stringify(phone.input)],
    ['defaultCountry', JSON.stringify(phone.default_country)],
    ['countryCode', whole(phone.country_code)],
    ['national', whole(phone.national)],
    ['internationalFormatted', JSON.stringify(phone.international_formatted)],
    ['nationalFormatted', JSON.stringify(phone.national_formatted)],
    ['valid', String(phone.valid)],
  ];
  return `{${members.map(([key, text]) => `"${key}":${text}`).join(',')}}`;
}
