/**
 * Every setting once: its name, default, bounds and words, by groups in settings/. The same names serve `settings.json`,
 * the environment and, in kebab case, the command line (`heartbeat_missing_secs` is `--heartbeat-missing-secs`).
 * Units stand in the names: `_secs`, `Ms`/`_MS`, `_MB`, `Percent`.
 */
export {
  mergeSettings,
  ORDERED_TIMEOUTS,
  orderErrors,
  parseLayer,
  type SettingError,
  type SettingsResult,
} from './settings/check';
export { defaultPolicyRule, POLICY_ACTIONS, type PolicyAction, type PolicyRule } from './settings/ending';
export { settingFromText } from './settings/from-text';
export {
  allowedValues,
  allowsNone,
  defaultSettings,
  isNoneAValue,
  isSettingKey,
  optionName,
  SETTING_KEYS,
  type SettingKey,
  type Settings,
  settingsSchema,
  settingWords,
} from './settings/schema';
export type { SettingGroup } from './settings/setting';
export type { TaskListSetting } from './settings/watching';
