"""The words of findings: code → what was looked at, good/attention/stop, the sentence in Russian and English.

A sentence that is not good says what is wrong and what to do. Facts stand in braces.
"""

from __future__ import annotations

GOOD, ATTENTION, STOP = "good", "attention", "stop"

_PLACE = {
    "disk_good": (
        "disk", GOOD, "Диск: свободно {free} МБ, запись за {milliseconds} мс ({folder}).",
        "Disk: {free} MB free, a write takes {milliseconds} ms ({folder})."),
    "disk_slow": (
        "disk", ATTENTION, "Диск пишет медленно: {milliseconds} мс на запись. Закройте обновления и резервное "
        "копирование; если не помогло, не сажайте сюда тех, кто отвечает устно.",
        "The disk writes slowly: {milliseconds} ms for one write. End updates and backups; if that does not help, seat "
        "nobody here who has to speak."),
    "disk_low": (
        "disk", STOP, "На диске мало места: {free} МБ, нужно {needed} МБ. Освободите место или укажите другую папку "
        "(--data).", "The disk has little room: {free} MB, {needed} MB are needed. Free some, or name another folder "
        "(--data)."),
    "disk_refuses": (
        "disk", STOP, "В папку {folder} нельзя писать: {why}. Проверьте права и диск.",
        "The folder {folder} cannot be written: {why}. Check its rights and the disk."),
    "clock_good": (
        "clock", GOOD, "Часы: разница с сервером {seconds} с.", "Clock: {seconds} s from the server's."),
    "clock_unknown": (
        "clock", ATTENTION, "Часы не с чем сравнить: сервер ещё не отвечал. Подключите место к серверу и повторите.",
        "The clock cannot be compared: no server has answered. Connect the seat to a server and check again."),
    "clock_off": (
        "clock", ATTENTION,
        "Часы отличаются от сервера на {seconds} с. На время работы это не влияет, но поправьте их.",
        "The clock differs from the server's by {seconds} s. Exam time is not affected, but set it right."),
    "clock_far": (
        "clock", STOP, "Часы отличаются от сервера на {days} сут. Поставьте дату: защищённое соединение может не "
        "открыться. Если дата сбилась снова, замените батарейку на плате.",
        "The clock differs from the server's by {days} days. Set the date: the protected connection may fail. If it "
        "is wrong again, replace the battery on the board."),
    "browser_good": ("browser", GOOD, "Браузер: {path}, версия {version}.", "Browser: {path}, version {version}."),
    "browser_unknown": (
        "browser", ATTENTION, "Браузер найден ({path}), но версию узнать не удалось. Нужна 109 или новее.",
        "A browser was found ({path}), but not its version. 109 or newer is needed."),
    "browser_old": (
        "browser", STOP, "Браузер {path} версии {version} слишком старый, нужна {needed} или новее. Обновите его.",
        "The browser {path}, version {version}, is too old: {needed} or newer is needed. Update it."),
    "browser_missing": (
        "browser", STOP, "Браузер не найден. Установите Chromium, Chrome, Edge или Яндекс Браузер.",
        "No browser was found. Install Chromium, Chrome, Edge or Yandex Browser."),
    "screen_good": ("screen", GOOD, "Экран: {size}.", "Screen: {size}."),
    "screen_unknown": (
        "screen", GOOD, "Размер экрана станет известен, когда откроется страница места.",
        "The size of the screen will be known when the seat's page is open."),
    "screen_small": (
        "screen", ATTENTION, "Экран {size} меньше 1280×720: придётся прокручивать. Увеличьте разрешение.",
        "The screen of {size} is smaller than 1280×720: there will be scrolling. Raise the resolution."),
    "screen_tiny": (
        "screen", STOP, "Экран {size} слишком мал для заданий. Поставьте разрешение не меньше 1024×600.",
        "The screen of {size} is too small for the tasks. Set 1024×600 or more."),
}

_SOUND = {
    "input_good": ("sound", GOOD, "Микрофоны: {names}.", "Microphones: {names}."),
    "input_missing": ("sound", STOP, "Микрофон не найден. Подключите гарнитуру.",
                      "No microphone was found. Plug a headset in."),
    "output_good": ("sound", GOOD, "Наушники: {names}.", "Headphones: {names}."),
    "output_missing": ("sound", STOP, "Наушники не найдены. Подключите гарнитуру.",
                       "No headphones were found. Plug a headset in."),
    "sound_silent_system": (
        "sound", STOP, "Звуковая система не отвечает ({why}). Перезагрузите компьютер; на Linux проверьте пакет "
        "libportaudio2.", "The sound system does not answer ({why}). Restart the computer; on Linux look for the "
        "package libportaudio2."),
    "microphone_refused": (
        "sound", STOP, "Микрофон не открылся ({why}). Подключите гарнитуру и закройте программы, которые его заняли.",
        "The microphone did not open ({why}). Plug the headset in and close programs that use it."),
    "heard": ("sound", GOOD, "Микрофон: речь хорошо слышна ({rate} Гц).",
              "Microphone: speech is heard well ({rate} Hz)."),
    "silent": ("sound", STOP, "Микрофон: речи не слышно. Проверьте, что он включён и поднесён ко рту.",
               "Microphone: no speech is heard. Check that it is on and near the mouth."),
    "too_quiet": ("sound", STOP, "Микрофон: слишком тихо. Прибавьте чувствительность микрофона.",
                  "Microphone: too quiet. Raise its sensitivity."),
    "clipped": ("sound", ATTENTION, "Микрофон: слышно, но слишком громко. Убавьте чувствительность.",
                "Microphone: heard, but too loud. Lower its sensitivity."),
    "noisy": ("sound", ATTENTION, "Микрофон: мешает шум. Поднесите его ближе ко рту, уберите источник шума.",
              "Microphone: noise gets in the way. Bring it closer, remove the noise."),
    "neighbour": ("sound", ATTENTION, "Микрофон: слышно соседа. Поднесите его ближе ко рту.",
                  "Microphone: the neighbour is heard. Bring it closer to the mouth."),
    "wrong_device": (
        "sound", STOP, "Микрофон молчит, или звук идёт с другого устройства. Включите его, выберите гарнитуру в "
        "настройках звука.",
        "The microphone is silent, or the sound comes from another device. Switch it on, choose the "
        "headset in the sound settings."),
    "no_data": ("sound", STOP, "Микрофон не дал ни одного отсчёта. Переподключите гарнитуру.",
                "The microphone gave not one sample. Plug the headset in again."),
    "names_good": ("device_names", GOOD, "Имена звуковых устройств различаются.", "The sound devices' names differ."),
    "names_cut": (
        "device_names", ATTENTION, "Два микрофона называются одинаково: «{name}» (Windows обрезает имена до 31 знака). "
        "Оставьте подключённым один.", "Two microphones have one name: “{name}” (Windows cuts names at 31 characters). "
        "Leave one plugged in."),
    "privacy_good": ("microphone_privacy", GOOD, "Микрофон не выключен в системе.",
                     "The system does not switch the microphone off."),
    "privacy_denied": (
        "microphone_privacy", STOP, "Windows не пускает программы к микрофону. Откройте «Параметры → "
        "Конфиденциальность → Микрофон» и разрешите доступ классическим приложениям.",
        "Windows keeps programs from the microphone. Open Settings → Privacy → Microphone and allow desktop apps."),
    "privacy_policy": (
        "microphone_privacy", STOP, "Политика Windows запрещает программам микрофон (AppPrivacy, "
        "LetAppsAccessMicrophone). Снимите запрет у администратора.",
        "A Windows policy forbids programs the microphone (AppPrivacy, LetAppsAccessMicrophone). Have it lifted."),
    "capture_muted": (
        "microphone_privacy", STOP, "Микрофон выключен в системе. Включите его в настройках звука.",
        "The microphone is muted in the system. Switch it on in the sound settings."),
    "capture_zero": (
        "microphone_privacy", STOP, "Чувствительность микрофона — {percent} %. Поставьте 60–80 % в настройках звука.",
        "The microphone's level is {percent} %. Set 60–80 % in the sound settings."),
}

_NETWORK = {
    "server_good": ("link", GOOD, "Сервер отвечает ({server}).", "The server answers ({server})."),
    "server_away": (
        "link", STOP, "Сервер не отвечает ({server}). Проверьте кабель или Wi-Fi и адрес.",
        "The server does not answer ({server}). Check the cable or Wi-Fi, and the address."),
    "server_refuses": (
        "link", STOP, "Сервер отвечает, но не принимает это место ({why}). Сделайте, что сказано на экране места.",
        "The server answers but does not take this seat ({why}). Do what the seat's screen says."),
    "version_differs": (
        "link", STOP, "Программа места не подходит к серверу. Обновите её (kiosk-client update) или откройте "
        "{address}.",
        "The seat's program does not fit the server. Update it: kiosk-client update, or open {address}."),
    "link_good": ("link", GOOD, "Связь с сервером: {speed} КБ/с, отклик {milliseconds} мс.",
                  "Link to the server: {speed} kB/s, answers in {milliseconds} ms."),
    "link_slow": (
        "link", ATTENTION, "Связь медленная: {speed} КБ/с, отклик {milliseconds} мс. Ответы не пропадут, но материалы "
        "грузятся долго: лучше кабель.", "The link is slow: {speed} kB/s, answers in {milliseconds} ms. No answer "
        "gets lost, but materials take long: better a cable."),
    "proxy_none": ("proxy", GOOD, "Прокси в системе не задан.", "The system has no proxy."),
    "proxy_unused": (
        "proxy", GOOD, "В системе задан прокси ({proxy}); рабочее место его не использует.",
        "The system has a proxy ({proxy}); the workstation does not use it."),
    "tls_good": ("tls", GOOD, "Соединение с сервером никто не вскрывает.",
                 "Nobody opens the connection to the server."),
    "tls_unknown": ("tls", GOOD, "Вскрытие соединения проверится после сопряжения.",
                    "Whether somebody opens the connection is looked at after pairing."),
    "tls_inspected": (
        "tls", STOP, "Соединение вскрывает «{issuer}» (обычно антивирус). Добавьте адрес {server} в исключения "
        "проверки защищённых соединений.", "“{issuer}” opens the connection (usually an antivirus). Exclude {server} "
        "from its inspection of encrypted connections."),
    "tls_foreign": (
        "tls", STOP, "По адресу {server} отвечает чужой сервер: сертификат выдал «{issuer}», а не школа. Проверьте "
        "адрес; если сервер заменили, сопрягите место заново.",
        "At {server} a foreign server answers: its certificate is of “{issuer}”, not of the school. Check the address; "
        "if the server was replaced, pair the seat again."),
    "firewall_good": ("firewall", GOOD, "Брандмауэр не мешает.", "The firewall is not in the way."),
    "network_public": (
        "firewall", ATTENTION, "Windows считает сеть общедоступной: сервер может не найтись сам. Сделайте сеть частной "
        "или введите адрес сервера.", "Windows takes the network for a public one: the server may not be found by "
        "itself. Make the network private, or type the server's address."),
    "firewall_blocks": (
        "firewall", STOP, "Брандмауэр запрещает исходящие соединения. Разрешите программе kiosk-client (python) сеть.",
        "The firewall blocks outgoing connections. Allow kiosk-client (python) the network."),
    "firewall_drops": (
        "firewall", ATTENTION, "Зона firewalld — «{zone}»: сервер не найдётся сам. Введите адрес сервера.",
        "The firewalld zone is “{zone}”: the server will not be found by itself. Type its address."),
}

_POWER = {
    "sleep_never": ("sleep", GOOD, "Компьютер сам не засыпает.", "The computer does not fall asleep by itself."),
    "sleep_after": (
        "sleep", ATTENTION, "Компьютер засыпает через {minutes} мин. Выключите сон на время работ.",
        "The computer falls asleep after {minutes} min. Switch sleep off for the exam days."),
    "sleep_unknown": (
        "sleep", ATTENTION, "Не удалось узнать, засыпает ли компьютер. Посмотрите в настройках питания.",
        "It could not be found out whether the computer falls asleep. Look at the power settings."),
    "lid_none": ("lid", GOOD, "Крышки нет.", "There is no lid."),
    "lid_ignored": ("lid", GOOD, "Закрытая крышка ничего не делает.", "A closed lid does nothing."),
    "lid_sleeps": (
        "lid", ATTENTION, "Закрытая крышка усыпит компьютер. Поставьте «ничего не делать» или не закрывайте её.",
        "Closing the lid puts the computer to sleep. Set it to “do nothing”, or leave it open."),
    "restart_none": ("restart", GOOD, "Обновления перезагрузки не ждут.", "No update waits for a restart."),
    "restart_waits": (
        "restart", ATTENTION, "Обновления ждут перезагрузки. Перезагрузите компьютер до начала работы.",
        "Updates wait for a restart. Restart the computer before the exam."),
}

_RESET = {
    "reset_none": ("reset", GOOD, "Папка места переживает перезагрузку.", "The seat's folder outlives a restart."),
    "reset_first": (
        "reset", GOOD, "Переживает ли папка места перезагрузку, станет видно после неё: перезагрузите и повторите.",
        "Whether the seat's folder outlives a restart is seen after one: restart and check again."),
    "reset_overlay": (
        "reset", STOP, "Папка {folder} лежит в памяти или в слое, который исчезает при перезагрузке ({kind}). Укажите "
        "папку на настоящем диске (--data).", "The folder {folder} lies in memory or in a layer that vanishes at a "
        "restart ({kind}). Name a folder on a real disk (--data)."),
    "reset_program": (
        "reset", ATTENTION, "Установлена программа, которая возвращает диск при перезагрузке ({name}). Папка {folder} "
        "должна лежать на незамороженном диске.",
        "A program that resets the disk at a restart is installed ({name}). The folder {folder} must lie on a disk "
        "that is not frozen."),
    "reset_seen": (
        "reset", STOP, "Перезагрузка стёрла записанное на этом компьютере. Разморозьте диск или укажите папку на "
        "незамороженном (--data), иначе выключение посреди работы сотрёт ответы, не дошедшие до сервера.",
        "A restart erased what this computer had written. Thaw the disk or name a folder on one that is not frozen "
        "(--data); otherwise a restart erases answers that have not reached the server."),
    "folder_emptied": (
        "reset", ATTENTION, "Папка места была пуста, хотя раньше место здесь работало. Если её никто не чистил, "
        "компьютер стирает профиль при выходе: укажите другую папку (--data).",
        "The seat's folder was empty although a seat worked here before. If nobody cleared it, the computer erases the "
        "profile at sign-out: name another folder (--data)."),
}

WORDS: dict[str, tuple[str, str, str, str]] = {**_PLACE, **_SOUND, **_NETWORK, **_POWER, **_RESET}

SUBJECTS: dict[str, tuple[str, str]] = {
    "disk": ("Диск", "Disk"), "clock": ("Часы", "Clock"), "browser": ("Браузер", "Browser"),
    "screen": ("Экран", "Screen"), "sound": ("Звук", "Sound"), "device_names": ("Имена устройств", "Device names"),
    "microphone_privacy": ("Доступ к микрофону", "Microphone access"), "link": ("Связь", "Link"),
    "proxy": ("Прокси", "Proxy"), "tls": ("Защита соединения", "Connection"), "firewall": ("Брандмауэр", "Firewall"),
    "sleep": ("Сон", "Sleep"), "lid": ("Крышка", "Lid"), "restart": ("Перезагрузка", "Restart"),
    "reset": ("Сброс диска", "Disk reset"),
}
