const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY_HOURS = 24;
const YEAR_DAYS = 365;

/**
 * An age as kubectl shows it, coarser the older it is: `5s`, `3m10s`, `47h`, `2d3h`, `10d`. `ms` is the age in
 * milliseconds; up to a second in the future counts as now, more is `<invalid>`. Steps as in apimachinery
 * `duration.HumanDuration`.
 */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / SECOND);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * 60) return `${seconds}s`;
  const minutes = Math.trunc(ms / MINUTE);
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's');
  if (minutes < 3 * 60) return `${minutes}m`;
  const hours = Math.trunc(ms / HOUR);
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm');
  if (hours < 2 * DAY_HOURS) return `${hours}h`;
  return longDuration(hours);
}

function longDuration(hours: number): string {
  const days = Math.trunc(hours / DAY_HOURS);
  if (hours < 8 * DAY_HOURS) return withRest(days, 'd', hours % DAY_HOURS, 'h');
  if (hours < 2 * YEAR_DAYS * DAY_HOURS) return `${days}d`;
  const years = Math.trunc(days / YEAR_DAYS);
  return hours < 8 * YEAR_DAYS * DAY_HOURS ? withRest(years, 'y', days % YEAR_DAYS, 'd') : `${years}y`;
}

function withRest(value: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`;
}
